import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import type { SchemaElement } from 'hyparquet'
import { parquetWriteBuffer } from 'hyparquet-writer'
import type { Cell } from '../records/column.ts'
import type { TypeName } from '../records/data-type.ts'
import { Duck } from './testing/readers.ts'
import { writeTable } from './testing/write-table.ts'

const duck = new Duck()
after(() => duck[Symbol.dispose]())

type Annotations = Partial<SchemaElement>

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((value) => value.toWellFormed()),
  fc.constantFrom('', '😀', '�x', '\u{10ffff}'.repeat(6), `${'é'.repeat(8)}z`),
)

/** What hyparquet-writer is told of a type, and values for both. */
const TYPES: readonly (readonly [TypeName, Annotations, fc.Arbitrary<Cell>])[] = [
  ['boolean', { type: 'BOOLEAN' }, fc.boolean()],
  ['int32', { type: 'INT32' }, fc.integer()],
  ['int64', { type: 'INT64' }, fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)],
  ['float64', { type: 'DOUBLE' }, fc.oneof(fc.double(), fc.constantFrom(0, -0, Number.NaN))],
  ['string', { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } }, text],
  ['binary', { type: 'BYTE_ARRAY' }, fc.uint8Array({ maxLength: 30 })],
  [
    'date',
    { type: 'INT32', converted_type: 'DATE', logical_type: { type: 'DATE' } },
    fc.integer({ min: -9999, max: 99999 }).map((day) => new Date(day * 86_400_000)),
  ],
]

describe('hyparquet-writer, as an oracle', () => {
  for (const [name, annotations, values] of TYPES) {
    it(`says the same of the schema and the statistics of ${name}`, async () => {
      const column = fc.array(fc.oneof({ weight: 4, arbitrary: values }, { weight: 1, arbitrary: fc.constant(null) }), {
        minLength: 1,
        maxLength: 12,
      })
      await fc.assert(
        fc.asyncProperty(column, async (cells) => {
          const element = { name: 'c', repetition_type: 'OPTIONAL', ...annotations } as SchemaElement
          const theirs = Buffer.from(
            parquetWriteBuffer({
              columnData: [{ name: 'c', data: cells as unknown[] }],
              schema: [{ name: 'root', num_children: 1 }, element],
            }),
          )
          const { bytes: ours } = await writeTable([{ name: 'c', type: name, cells }])
          for (const select of [
            'select type, type_length, repetition_type, converted_type, logical_type from parquet_schema(FILE) where type is not null',
            'select num_values, stats_null_count, stats_min_value, stats_max_value from parquet_metadata(FILE)',
            // It writes one zero for both when they are mixed.
            `select ${name === 'float64' ? '(c + 0)' : 'c'}::varchar from FILE`,
          ]) {
            assert.deepEqual(await duck.query(ours, select), await duck.query(theirs, select), select)
          }
        }),
        { numRuns: 60 },
      )
    })
  }
})
