import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { castColumn } from './cast-column.ts'
import type { Cell, Column } from './column.ts'
import { type DataType, parseType, SAFE_INTEGER } from './data-type.ts'
import { exactNumber } from './exact-cells.ts'
import type { RecordBatch } from './record-batch.ts'
import { GONE } from './span.ts'
import { textBatch } from './testing/text-batch.ts'
import { isTyped, type TypedColumn } from './typed-column.ts'
import { typedValues } from './typed-values.ts'
import { valueType } from './types/types.ts'
import { ValueColumn } from './value-column.ts'

const typeOf = (name: string) => (name === 'integer' ? SAFE_INTEGER : (parseType(name) as DataType))

function cast(batch: RecordBatch, column: Column, name: string): TypedColumn {
  const result = castColumn(batch, column, typeOf(name), { step: 'cast(a)', column: 'a', typeName: name })
  return isTyped(result) ? result : assert.fail('the column has no type')
}

const messages = (batch: RecordBatch) =>
  Array.from(
    { length: batch.rows },
    (_, row) =>
      batch.errors
        .of(row)
        ?.map(({ message }) => message)
        .join() ?? '',
  )

/** A column of values of a type, as a step before might have left it. */
function typedBatch(name: string, cells: readonly Cell[]): { batch: RecordBatch; column: TypedColumn } {
  const batch = textBatch({ a: cells.map(() => null) })
  return { batch, column: typedValues(batch.memory, typeOf(name), cells, (row) => assert.fail(`row ${row}`)) }
}

const TYPES = 'boolean int32 int64 integer float64 decimal(10,2) decimal(38,4) date time timestamp timestamptz uuid'

describe('castColumn', () => {
  for (const name of TYPES.split(' ')) {
    it(`makes of text what ${name} reads, and rejects the rows of all other text with it`, () => {
      const text = fc.oneof(
        fc.integer().map(String),
        fc.bigInt({ min: -(2n ** 65n), max: 2n ** 65n }).map(String),
        fc.double().map(String),
        fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }).map((date) => date.toISOString()),
        fc
          .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
          .map((d) => d.toISOString().slice(0, 10)),
        fc.uuid(),
        fc.constantFrom('true', '12.5', '0.01', '08:30', '08:30:00.5', '2024-01-01 10:00', 'é', '"', 'say "x"'),
      )
      const cells = fc.array(fc.option(text), { maxLength: 40 })
      const values = valueType(typeOf(name))
      const read = (cell: string) => (name === 'float64' ? exactNumber(cell) : values.parse(cell))
      fc.assert(
        fc.property(cells, fc.array(fc.nat({ max: 40 }), { maxLength: 5 }), (cells, gone) => {
          const batch = textBatch({ a: cells }, new Set(gone))
          const column = cast(batch, batch.columns[0] as Column, name)
          cells.forEach((cell, row) => {
            const here = batch.mask[row] !== GONE
            const value = cell === null || !here ? undefined : read(cell)
            assert.deepEqual(column.value(row), value === undefined ? null : values.cell(value))
            const refused = cell !== null && here && value === undefined
            assert.equal(column.failed?.has(row) ?? false, refused)
            assert.deepEqual(
              batch.errors.of(row)?.map(({ code, value }) => [code, value]),
              refused ? [['type-error', cell]] : undefined,
            )
          })
        }),
        { numRuns: 300 },
      )
    })
  }

  const faults: readonly (readonly [string, string, RegExp])[] = [
    ['float64', '9007199254740993', /beyond 2\^53.*cast it to bigint/],
    ['float64', 'NaN', /is no float64/],
    ['integer', '9007199254740993', /beyond 2\^53.*cast it to bigint/],
    ['integer', '1.5', /is no integer/],
    ['int32', '2147483648', /beyond 32 bits: cast it to int64/],
    ['int64', '9223372036854775808', /beyond 64 bits: cast it to decimal\(38,0\)/],
    ['decimal(10,2)', '1.234', /more than 2 decimals/],
    ['decimal(3,2)', '12', /more than 1 digit before the point/],
    ['decimal(3,2)', '1e2', /is no decimal\(3,2\)/],
    ['date', '2026-01-02T10:00:00Z', /has a time: cast it to timestamptz/],
    ['date', '2026-01-02 ', /is no date/],
    ['date', '2026-02-30', /a day that its month does not have/],
    ['date', '01/02/2026', /is no date/],
    ['timestamp', '2026-01-02T10:00:00Z', /has a zone: cast it to timestamptz/],
    ['timestamptz', '2026-01-02T10:00:00.0000001Z', /finer than a microsecond/],
  ]
  for (const [name, text, message] of faults) {
    it(`says why ${text} is no ${name}`, () => {
      const batch = textBatch({ a: [text] })
      cast(batch, batch.columns[0] as Column, name)
      assert.match(messages(batch)[0] as string, message)
    })
  }

  it('leaves text as it is when it is to be text', () => {
    const batch = textBatch({ a: ['x'] })
    assert.equal(
      castColumn(batch, batch.columns[0] as Column, { kind: 'string' }, { step: '', column: 'a' }),
      batch.columns[0],
    )
  })

  it('takes the values of functions, and neither those of rows that are gone nor those that failed', () => {
    const batch = textBatch({ a: ['', '', '', '', ''] }, new Set([3]))
    const made = new ValueColumn(batch.memory, [1, '2.50', null, 'x', 'y'], new Set([4]))
    const column = cast(batch, made, 'decimal(4,2)')
    assert.deepEqual(column.values(), ['1.00', '2.50', null, null, null])
    assert.deepEqual([...(column.failed ?? [])], [4])
    assert.equal(batch.errors.size, 0)
  })

  const exact: readonly (readonly [string, Cell, string, Cell])[] = [
    ['int32', 5, 'int64', 5n],
    ['int64', 5n, 'int32', 5],
    ['int64', 5n, 'integer', 5],
    ['int64', 5n, 'decimal(4,2)', '5.00'],
    ['decimal(4,2)', '12.00', 'int64', 12n],
    ['decimal(4,2)', '12.50', 'float64', 12.5],
    ['decimal(4,2)', '12.50', 'decimal(38,10)', '12.5000000000'],
    ['float64', 12.5, 'decimal(4,2)', '12.50'],
    ['date', new Date('2026-01-02'), 'timestamp', new Date('2026-01-02')],
    ['timestamp', '2026-01-02T10:00:00.123456', 'timestamptz', new Date('2026-01-02T10:00:00.123Z')],
    ['timestamp', new Date('2026-01-02'), 'date', new Date('2026-01-02')],
    ['timestamptz', '2026-01-02T10:00:00.123456Z', 'string', '2026-01-02T10:00:00.123456Z'],
    ['boolean', true, 'string', 'true'],
    ['int64', 5n, 'string', '5'],
  ]
  for (const [from, cell, to, expected] of exact) {
    it(`makes of the ${from} ${cell} the ${to} that it is`, () => {
      const { batch, column } = typedBatch(from, [cell, null])
      assert.deepEqual(cast(batch, column, to).values(), [expected, null])
      assert.equal(batch.errors.size, 0)
    })
  }

  it('keeps the microseconds that a Date has not', () => {
    const { batch, column } = typedBatch('timestamp', ['2026-01-02T10:00:00.123456'])
    const text = cast(batch, cast(batch, column, 'timestamptz'), 'string')
    assert.equal(text.value(0), '2026-01-02T10:00:00.123456Z')
  })

  const lossy: readonly (readonly [string, Cell, string])[] = [
    ['int64', 2n ** 31n, 'int32'],
    ['int64', 2n ** 53n + 1n, 'float64'],
    ['int64', 2n ** 53n, 'integer'],
    ['decimal(4,2)', '12.50', 'int64'],
    ['decimal(38,20)', '0.12345678901234567891', 'float64'],
    ['float64', 0.1 + 0.2, 'decimal(10,2)'],
    ['timestamp', '2026-01-02T00:00:00.000001', 'date'],
    ['timestamptz', '2026-01-02T00:00:00Z', 'timestamp'],
    ['boolean', true, 'date'],
  ]
  for (const [from, cell, to] of lossy) {
    it(`makes no ${to} of the ${from} ${cell}`, () => {
      const { batch, column } = typedBatch(from, [cell])
      const result = cast(batch, column, to)
      assert.deepEqual([result.value(0), result.failed?.has(0), batch.errors.size], [null, true, 1])
    })
  }
})
