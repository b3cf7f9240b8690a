// Proof that types flow through a job: this file is compiled by `npm run types`; each expectation is on its line.
import { describe, it } from 'node:test'
import { z } from 'zod'
import {
  addProcessingMetadata,
  cleanEmail,
  defineJob,
  isNotNull,
  pattern,
  readCsv,
  required,
  rowRule,
  sql,
  standardizePhone,
  unique,
  writeCsv,
} from '../index.ts'

describe('the types of a job', () => {
  it('are checked by the compiler', () => {
    const person = z.object({ id: z.string(), email: z.string().nullable(), amount: z.coerce.number() })

    const job = defineJob({
      name: 'typed',
      extract: () => readCsv('a.csv', { schema: person }),
      transform: (rows) =>
        rows
          .withColumn('email', cleanEmail())
          .filter('email', isNotNull)
          .withColumn('domain', ['email', 'amount'], (email, amount) => `${email.split('@')[1]} ${amount.toFixed(2)}`)
          .pipe(addProcessingMetadata()),
      validate: {
        requiredColumns: ['id', 'domain', '_run_id'],
        uniqueColumns: ['id', ['email', 'domain']],
        stringPatterns: { email: /x/ },
        rules: [pattern('email', /x/)],
      },
      load: writeCsv('x.csv'),
    })
    const row: { id: string; email: string; amount: number; domain: string; _run_id: string } | undefined = job.row
    void row

    defineJob({
      name: 'untyped',
      extract: readCsv('a.csv'),
      transform: (rows) => rows.withColumn('anything', (v) => v?.trim() ?? null).mapRows((r) => ({ ...r, more: 1 })),
      validate: { requiredColumns: ['whatever'] },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'wrong-rule',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) => rows.withColumn('id', (v) => v.length),
      // @ts-expect-error a rule on a column that is not there
      validate: { requiredColumns: ['nope'] },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'dropped',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) => rows.drop('email').rename({ id: 'key' }),
      // @ts-expect-error a pattern on a column that was dropped
      validate: { stringPatterns: { email: /x/ } },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'wrong-transform',
      extract: readCsv('a.csv', { schema: person }),
      // @ts-expect-error a transform of a column that is not there
      transform: (rows) => rows.withColumn('nope', (v: string) => v.length),
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'wrong-value',
      extract: readCsv('a.csv', { schema: person }),
      // @ts-expect-error a number has no trim
      transform: (rows) => rows.withColumn('amount', (v) => v.trim()),
      load: writeCsv('x.csv'),
    })

    // @ts-expect-error a rule on a column that is not there, without transforms
    defineJob({
      name: 'plain',
      extract: readCsv('a.csv', { schema: person }),
      validate: { requiredColumns: ['nope'] },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'rules-one-by-one',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) => rows.withColumn('domain', ['email'], (email) => email ?? ''),
      validate: {
        rules: [
          required('domain'),
          unique(['id', 'domain']),
          // @ts-expect-error a rule on a column that is not there
          required('nope'),
          // @ts-expect-error a pattern on one
          pattern('nope', /x/),
          // @ts-expect-error a key of one
          unique('nope'),
          // @ts-expect-error a key with one in it
          unique(['id', 'nope']),
        ],
      },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'rules-on-rows',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) => rows.withColumn('cents', ['amount'], (amount) => BigInt(amount * 100)),
      validate: {
        rules: (rule) => [
          rule.rowRule((row) => row.cents > 1n && row.amount < 5),
          rule.pattern('id', /x/, { where: (row) => row.cents > 1n }),
          rule.unique(['id', 'cents']),
          rule.datasetRule({
            start: () => 0n,
            add: (sum, row) => sum + row.cents,
            end: (sum) => (sum > 5n ? 'too much' : undefined),
          }),
          // @ts-expect-error a column that is not there
          rule.rowRule((row) => row.nope === 1),
          // @ts-expect-error a value of another type
          rule.rowRule((row) => row.cents > '1'),
          // @ts-expect-error a rule on a column that is not there
          rule.required('nope'),
        ],
      },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'rules-on-text',
      extract: readCsv('a.csv'),
      validate: { rules: [required('whatever'), unique(['any', 'two']), rowRule((row) => row['any'] === 'x')] },
      load: writeCsv('x.csv'),
    })

    defineJob({
      name: 'what-cells-hold',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) =>
        rows
          .withColumn('new', ['id'], (): Date | null => null)
          .withColumn('any', ['id'], (id) => JSON.parse(id))
          .withColumn('phone', ['id'], standardizePhone())
          // @ts-expect-error a promise is no cell
          .withColumn('email', async (email) => email)
          // @ts-expect-error a forgotten return
          .withColumn('nothing', ['id'], (id) => {
            id.trim()
          })
          // @ts-expect-error an object is no cell
          .withColumn('object', ['id'], () => ({})),
      load: writeCsv('x.csv'),
    })

    const cast = defineJob({
      name: 'cast',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) =>
        rows
          .cast({ id: 'uuid', email: 'decimal(10,2)' })
          .withColumn('day', ['id'], () => '2026-01-01')
          .withColumn('bytes', ['id'], () => 'aGk=')
          .withColumn('count', ['id'], () => '1')
          .cast({ day: 'date', bytes: 'binary', count: 'int64', amount: 'integer' }),
      load: writeCsv('x.csv'),
    })
    const typed: { id: string; email: string | null; day: Date; bytes: Uint8Array; count: bigint; amount: number } =
      cast.row as NonNullable<typeof cast.row>
    void typed

    defineJob({
      name: 'wrong-cast',
      extract: readCsv('a.csv'),
      // @ts-expect-error there is no such type
      transform: (rows) => rows.cast({ n: 'floaty' }),
      load: writeCsv('x.csv'),
    })
  })

  it('has the columns of its query behind it, and no others', () => {
    const person = z.object({ id: z.string(), email: z.string().nullable() })
    const query = 'select email, count(*) as customers from input group by email'
    const counted = sql<{ email: string | null; customers: bigint }>(query)
    defineJob({
      name: 'query',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) => rows.pipe(counted).withColumn('customers', (customers) => customers + 1n),
      validate: { requiredColumns: ['email', 'customers'] },
      load: writeCsv('x.csv'),
    })
    defineJob({
      name: 'gone',
      extract: readCsv('a.csv', { schema: person }),
      transform: (rows) => rows.pipe(counted),
      // @ts-expect-error the query does not make it
      validate: { requiredColumns: ['id'] },
      load: writeCsv('x.csv'),
    })
  })
})
