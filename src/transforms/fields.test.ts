import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatType } from '../records/data-type.ts'
import { schemaOfText } from '../records/schema.ts'
import { textBatch } from '../records/testing/text-batch.ts'
import { cleanEmail } from './clean-email.ts'
import { isNotNull } from './is-not-null.ts'
import { addProcessingMetadata } from './processing-metadata.ts'
import { RowStream } from './row-stream.ts'
import { standardizePhone } from './standardize-phone.ts'
import { applySteps } from './testing/apply-steps.ts'

// biome-ignore lint/suspicious/noExplicitAny: a plan over columns that only the test knows
type Plan = (rows: RowStream<any>) => RowStream<any>

/** What a plan says of the columns of a file with the columns a and b: `name type`, with `!` where no value is missing. */
async function fieldsAfter(plan: Plan): Promise<readonly string[]> {
  const batch = textBatch({ a: ['1', null], b: ['2', '3'] })
  const source = batch.withColumns(schemaOfText(['a', 'b']), batch.columns)
  const { schema } = await applySteps(plan(new RowStream()).steps, source)
  return schema.fields.map(({ name, type, nullable }) => {
    return `${name} ${type === undefined ? '?' : formatType(type)}${nullable ? '' : '!'}`
  })
}

describe('the fields of a schema', () => {
  const cases: readonly (readonly [string, Plan, readonly string[]])[] = [
    ['are text as they are read', (rows) => rows, ['a string', 'b string']],
    ['get the type of a cast', (rows) => rows.cast({ b: 'decimal(4,1)' }), ['a string', 'b decimal(4,1)']],
    ['have no type once a function made them', (rows) => rows.withColumn('a', () => 1), ['a ?', 'b string']],
    [
      'are text after cleanEmail',
      (rows) => rows.withColumn('c', ['a'], cleanEmail({ onInvalid: 'null' })),
      ['a string', 'b string', 'c string'],
    ],
    [
      'are text after standardizePhone',
      (rows) => rows.withColumn('b', standardizePhone({ onInvalid: 'null' })),
      ['a string', 'b string'],
    ],
    ['go along with select', (rows) => rows.cast({ b: 'int32' }).select('b', 'a'), ['b int32', 'a string']],
    ['go along with drop', (rows) => rows.cast({ b: 'int32' }).drop('a'), ['b int32']],
    ['go along with rename', (rows) => rows.cast({ b: 'int32' }).rename({ b: 'c' }), ['a string', 'c int32']],
    [
      'are not nullable behind isNotNull',
      (rows) => rows.filter('a', isNotNull).cast({ a: 'int32' }),
      ['a int32!', 'b string'],
    ],
    ['have no type behind mapRows', (rows) => rows.mapRows((row) => ({ a: row['a'] })), ['a ?']],
    [
      'of the metadata are never null',
      (rows) => rows.select('a').pipe(addProcessingMetadata()),
      ['a string', '_job_name string!', '_run_id string!', '_processed_at timestamptz!', '_source string!'],
    ],
  ]
  for (const [what, plan, expected] of cases) {
    it(what, async () => assert.deepEqual(await fieldsAfter(plan), expected))
  }

  it('tell of a typed column that isNotNull needs its bits alone', async () => {
    const batch = textBatch({ a: ['1', null, 'x'] })
    const rows = new RowStream<{ a: string | null }>().cast({ a: 'int64' }).filter('a', isNotNull)
    await applySteps(rows.steps, batch)
    assert.deepEqual([...batch.mask], [1, 0, 3])
  })
})
