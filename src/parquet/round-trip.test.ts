import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Cell } from '../records/column.ts'
import { type DataType, parseType, type TypeName } from '../records/data-type.ts'
import { valueType } from '../records/types/types.ts'
import { Duck, readByHyparquet } from './testing/readers.ts'
import { writeTable } from './testing/write-table.ts'

const micros = fc.bigInt({ min: -719_162n * 86_400_000_000n, max: 2_932_897n * 86_400_000_000n - 1n })
const decimal = (digits: bigint) => fc.bigInt({ min: -(10n ** digits) + 1n, max: 10n ** digits - 1n })
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }).map((value) => value.toWellFormed()),
  fc.constantFrom('', '😀', '�x', 'x'.repeat(700), 'null', '"'),
)

interface TypeCase {
  readonly values: fc.Arbitrary<unknown>
  readonly show?: string
  readonly shown?: (value: never) => unknown
}

/** Values as they lie in memory, how DuckDB shows them exactly, and what it shows. */
const TYPES: Readonly<Record<string, TypeCase>> = {
  boolean: { values: fc.boolean() },
  int32: { values: fc.oneof(fc.integer(), fc.constantFrom(-(2 ** 31), 2 ** 31 - 1)) },
  int64: { values: fc.oneof(fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n), fc.constantFrom(-(2n ** 63n), 2n ** 63n - 1n)) },
  float64: { values: fc.oneof(fc.double(), fc.constantFrom(Number.NaN, -0, 0, Number.POSITIVE_INFINITY)) },
  'decimal(9,2)': { values: decimal(9n), show: 'c::VARCHAR' },
  'decimal(18,17)': { values: decimal(18n), show: 'c::VARCHAR' },
  'decimal(19,0)': { values: decimal(19n), show: 'c::VARCHAR' },
  'decimal(38,10)': { values: decimal(38n), show: 'c::VARCHAR' },
  date: { values: fc.integer({ min: -719_162, max: 2_932_896 }), show: `c - DATE '1970-01-01'`, shown: BigInt },
  time: { values: fc.bigInt({ min: 0n, max: 86_400_000_000n - 1n }), show: 'epoch_us(c)' },
  timestamp: { values: micros, show: 'epoch_us(c)' },
  timestamptz: { values: micros, show: 'epoch_us(c)' },
  string: { values: text },
  uuid: { values: fc.uuid(), show: 'c::VARCHAR' },
  binary: {
    values: fc.uint8Array({ maxLength: 20 }),
    show: 'hex(c)',
    shown: (value) => Buffer.from(value).toString('hex').toUpperCase(),
  },
}

const shapes = fc.record({
  nulls: fc.constantFrom(0, 0.3, 1),
  repeats: fc.boolean(),
  batchRows: fc.constantFrom(1, 7, 1000),
  rowGroupRows: fc.constantFrom(5, 64, 100_000),
  compression: fc.constantFrom('zstd' as const, 'gzip' as const, 'none' as const),
  gone: fc.boolean(),
  required: fc.boolean(),
})

const duck = new Duck()
after(() => duck[Symbol.dispose]())

describe('a file of one typed column', () => {
  for (const [name, { values, show = 'c', shown = (value: never) => value }] of Object.entries(TYPES)) {
    it(`gives every ${name} back, in DuckDB and in hyparquet`, async () => {
      const type = parseType(name) as DataType
      const cell = (value: unknown): Cell => cellOf(name as TypeName, value)
      await fc.assert(
        fc.asyncProperty(fc.array(values, { maxLength: 200 }), shapes, async (list, shape) => {
          const some = shape.repeats ? list.map((_, index) => list[index % 3]) : list
          const column = some.map((value, row) => (row % 10 < shape.nulls * 10 ? null : value))
          const gone = (row: number) => (shape.gone && row % 3 === 1 ? (row % 2) * 3 + 1 : 0)
          const cells = column.map((value) => (value === null ? null : cell(value)))
          const { bytes, footer } = await writeTable(
            [{ name: 'c', type: name as TypeName, cells, required: shape.required && shape.nulls === 0 }],
            { ...shape, gone },
          )
          const live = column.filter((_, row) => gone(row) === 0)
          const rows = await duck.query(bytes, `select ${show} from FILE`)
          const expected = live.map((value) => {
            if (value === null) return null
            return name.startsWith('decimal') ? valueType(type).text(value as never) : shown(value as never)
          })
          assert.deepEqual(
            rows.map(([value]) => value),
            expected,
          )
          const objects = await readByHyparquet(bytes)
          assert.equal(objects.length, live.length)
          assert.deepEqual(
            objects.map(({ c }) => c === null || c === undefined),
            live.map((value) => value === null),
          )
          assert.equal(
            footer.rowGroups.reduce((sum, { rows }) => sum + rows, 0),
            live.length,
          )
        }),
        { numRuns: 60 },
      )
    })
  }
})

/** What a function would give for it. */
function cellOf(name: TypeName, value: unknown): Cell {
  const type = parseType(name)!
  if (type.kind === 'string' || type.kind === 'binary' || type.kind === 'uuid') return value as Cell
  if (type.kind === 'boolean') return value as boolean
  return valueType(type).text(value as never)
}
