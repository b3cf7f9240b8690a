import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { z } from 'zod'
import type { Untyped } from '../records/shape.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import type { SchemaShape } from '../sources/csv-schema.ts'
import { readRows } from '../sources/rows.ts'
import { canonicalEmail } from '../transforms/canonical-email.ts'
import { cleanEmail } from '../transforms/clean-email.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import { standardizePhone } from '../transforms/standardize-phone.ts'
import { defineJob, type Job } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

type Transform = (rows: RowStream<Untyped>) => RowStream

/** What a closure holds, and what it holds in the other job. */
const TRANSFORMS: readonly (readonly [what: string, one: Transform, other: Transform])[] = [
  [
    'country of phone numbers',
    (rows) => rows.withColumn('a', standardizePhone({ defaultCountry: 'US' })),
    (rows) => rows.withColumn('a', standardizePhone({ defaultCountry: 'DE' })),
  ],
  [
    'fate of wrong addresses',
    (rows) => rows.withColumn('a', cleanEmail({ onInvalid: 'null' })),
    (rows) => rows.withColumn('a', cleanEmail({ onInvalid: 'keep' })),
  ],
  [
    'fate of tags',
    (rows) => rows.withColumn('k', ['a'], canonicalEmail()),
    (rows) => rows.withColumn('k', ['a'], canonicalEmail({ keepTags: true })),
  ],
  ['type of a cast', (rows) => rows.cast({ n: 'integer' }), (rows) => rows.cast({ n: 'bigint' })],
  [
    'description of a function of one’s own',
    (rows) =>
      rows.withColumn(
        'n',
        Object.assign((n: unknown) => n, { description: { by: 1 } }),
      ),
    (rows) =>
      rows.withColumn(
        'n',
        Object.assign((n: unknown) => n, { description: { by: 2 } }),
      ),
  ],
]

const even = (row: { n: number }) => row.n % 2 === 0
const SCHEMAS: readonly (readonly [what: string, one: SchemaShape, other: SchemaShape])[] = [
  ['type', z.object({ n: z.string() }), z.object({ n: z.coerce.number() })],
  ['limit', z.object({ n: z.number().max(99) }), z.object({ n: z.number().max(98) })],
  ['pattern', z.object({ n: z.string().regex(/^.$/) }), z.object({ n: z.string().regex(/^.$/s) })],
  ['default', z.object({ n: z.string().default('x') }), z.object({ n: z.string().default('y') })],
  ['wrapper', z.object({ n: z.string() }), z.object({ n: z.string().nullable() })],
  ['choice', z.object({ n: z.enum(['1', '2']) }), z.object({ n: z.enum(['1', '3']) })],
  [
    'dataType',
    z.object({ n: z.string().meta({ dataType: 'decimal(4,2)' }) }),
    z.object({ n: z.string().meta({ dataType: 'decimal(4,1)' }) }),
  ],
  ['check of whole rows', z.object({ n: z.number() }), z.object({ n: z.number() }).refine(even)],
]

describe('the same run id', () => {
  for (const [what, one, other] of TRANSFORMS) {
    it(`is refused to a job with another ${what}`, () => check({ transform: one }, { transform: other }))
  }

  for (const [what, one, other] of SCHEMAS) {
    it(`is refused to a job whose schema has another ${what}`, async () => {
      await check({ schema: one }, { schema: other })
    })
  }

  it('gives the first report again when the schema is the same, though made anew', async () => {
    const schema = () => {
      const a = z.date().default(() => new Date())
      const id = z.string().default(() => crypto.randomUUID())
      return z.object({ n: z.number().max(99), a, id })
    }
    using box = scene()
    const first = await runJob(jobIn(box.path, { schema: schema() }), optionsIn(box.path))
    const again = await runJob(jobIn(box.path, { schema: schema() }), optionsIn(box.path))
    assert.deepEqual(again.toJSON(), first.toJSON())
  })

  it('is refused where nobody can tell whether the rows are the same, once it committed', async () => {
    using box = scene()
    const rows = (n: number) => ({ ...jobIn(box.path, {}), extract: readRows([{ n, a: 'x' }]) }) as Job
    await assert.rejects(runJob({ ...rows(1), validate: { requiredColumns: ['b'] } } as Job, optionsIn(box.path)))
    assert.equal((await runJob(rows(1), optionsIn(box.path))).rows.loaded, 1)
    await assert.rejects(runJob(rows(1), optionsIn(box.path)), { code: 'run-id-conflict', exitCode: 2 })
    await assert.rejects(runJob(jobIn(box.path, {}), optionsIn(box.path)), { code: 'run-id-conflict' })
    assert.equal((await runJob(rows(2), { ...optionsIn(box.path), dryRun: true })).status, 'checked')
  })
})

interface Parts {
  readonly transform?: Transform
  readonly schema?: SchemaShape
}

async function check(one: Parts, other: Parts): Promise<void> {
  using box = scene()
  const first = await runJob(jobIn(box.path, one), optionsIn(box.path))
  const again = await runJob(jobIn(box.path, one), optionsIn(box.path))
  assert.deepEqual(again.toJSON(), first.toJSON())
  await assert.rejects(runJob(jobIn(box.path, other), optionsIn(box.path)), { code: 'run-id-conflict', exitCode: 2 })
}

function scene() {
  const box = sandbox('fingerprint')
  writeFileSync(join(box.path, 'in.csv'), 'n,a,id\n1,,1\n')
  return box
}

function jobIn(directory: string, { transform = (rows) => rows, schema }: Parts): Job {
  const input = join(directory, 'in.csv')
  const extract = schema === undefined ? readCsv(input) : readCsv(input, { schema })
  return defineJob({ name: 'same', extract, transform: transform as never, load: writeCsv(join(directory, 'out.csv')) })
}

function optionsIn(directory: string) {
  return { state: join(directory, 'state'), runId: 'r' }
}
