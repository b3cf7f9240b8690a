import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type DataType, parseType } from '../data-type.ts'
import { valueType } from './types.ts'
import type { Physical } from './value-type.ts'

function typeOf(name: string) {
  return valueType(parseType(name) as DataType)
}

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
/** Of the years 0001 to 9999. */
const days = fc.integer({ min: -719_162, max: 2_932_896 })
const micros = fc.bigInt({ min: -719_162n * 86_400_000_000n, max: 2_932_897n * 86_400_000_000n - 1n })
const uuids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex'))

const VALUES: Readonly<Record<string, fc.Arbitrary<Physical>>> = {
  boolean: fc.constantFrom(0, 1),
  int32: fc.integer(),
  int64,
  float64: fc.double(),
  'decimal(9,2)': fc.bigInt({ min: -999_999_999n, max: 999_999_999n }),
  'decimal(18,18)': fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n }),
  'decimal(38,10)': fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  'decimal(5,0)': fc.bigInt({ min: -99_999n, max: 99_999n }),
  date: days,
  time: fc.bigInt({ min: 0n, max: 86_400_000_000n - 1n }),
  timestamp: micros,
  timestamptz: micros,
  uuid: uuids,
}

describe('the types of values', () => {
  it('take what is none of theirs for no value, and never throw', () => {
    const nothing = [
      new Date(Number.NaN),
      Number.NaN,
      Number.POSITIVE_INFINITY,
      1e300,
      0.1 + 0.2,
      {},
      [],
      () => 1,
      '',
      'x',
    ]
    for (const name of Object.keys(VALUES)) {
      const type = typeOf(name)
      for (const cell of nothing) assert.doesNotThrow(() => type.take(cell as never), `${name} ${String(cell)}`)
      assert.equal(type.take(new Date(Number.NaN) as never), undefined, name)
    }
  })

  for (const [name, values] of Object.entries(VALUES)) {
    it(`keep every ${name} in memory, as text and through functions`, () => {
      const type = typeOf(name)
      const memory = Buffer.alloc(48)
      fc.assert(
        fc.property(values, fc.integer({ min: 0, max: 16 }), (value, at) => {
          type.write(memory, at, value)
          assert.deepEqual(type.read(memory, at), value)
          assert.deepEqual(type.parse(type.text(value)), value, type.text(value))
          const cell = type.cell(value)
          // A `Date` has no microseconds.
          if (!(cell instanceof Date)) assert.deepEqual(type.take(cell as never), value)
        }),
        { numRuns: 1000 },
      )
    })
  }

  for (const name of ['timestamp', 'timestamptz']) {
    it(`give functions the millisecond of a ${name}`, () => {
      const type = typeOf(name)
      fc.assert(
        fc.property(micros, (value) => {
          const taken = type.take(type.cell(value) as Date) as bigint
          assert.ok(taken <= value && value - taken < 1000n && taken % 1000n === 0n)
        }),
      )
    })
  }

  it('read what people write', () => {
    const read: readonly (readonly [string, string, Physical])[] = [
      ['int32', '+7', 7],
      ['int32', '-0', 0],
      ['int64', '007', 7n],
      ['int64', '9223372036854775807', 9223372036854775807n],
      ['float64', '1e5', 100_000],
      ['decimal(4,2)', '12.3', 1230n],
      ['decimal(4,2)', '12.3000', 1230n],
      ['decimal(4,2)', '.5', 50n],
      ['decimal(4,2)', '-5.', -500n],
      ['date', '2024-02-29', 19_782],
      ['date', '1969-12-31', -1],
      ['time', '08:30', 30_600_000_000n],
      ['timestamp', '1970-01-01 00:00:01.5', 1_500_000n],
      ['timestamptz', '1970-01-01T01:00:00+01:00', 0n],
      ['timestamptz', '1970-01-01T00:00:00-00:30', 1_800_000_000n],
      ['timestamptz', '1970-01-02', 86_400_000_000n],
      ['boolean', 'TRUE', 1],
      ['uuid', 'F81D4FAE7DEC11D0A76500A0C91E6BF6', 'f81d4fae7dec11d0a76500a0c91e6bf6'],
    ]
    for (const [type, text, value] of read) assert.deepEqual(typeOf(type).parse(text), value, `${type} ${text}`)
  })

  it('refuse what they cannot hold exactly', () => {
    const refused: readonly (readonly [string, ...string[]])[] = [
      ['int32', '2147483648', '-2147483649', '1.0', '1e3', ' 1', '', '0x10', '١'],
      ['int64', '9223372036854775808', '-9223372036854775809', '1.5'],
      ['float64', '1e999', 'one', '1,5', ''],
      ['decimal(4,2)', '123.45', '1.234', '.', '', '1e2', '--1'],
      ['decimal(38,0)', '1'.padEnd(39, '0')],
      ['date', '2023-02-29', '2024-13-01', '2024-00-10', '24-01-01', '2024-01-01T00:00:00Z'],
      ['time', '24:00', '12:60', '12:00:60', '12:00:00.0000001', '12'],
      ['timestamp', '2024-01-01T00:00:00Z', '2024-01-01T25:00', '2024-01-01T'],
      ['timestamptz', '2024-01-01T00:00:00+1', '2024-02-30T00:00:00Z', '2024-01-01T00:00:00.1234567Z'],
      ['boolean', 'yes', '', '2'],
      ['uuid', 'f81d4fae-7dec-11d0-a765', 'g81d4fae-7dec-11d0-a765-00a0c91e6bf6'],
    ]
    for (const [type, ...texts] of refused) {
      for (const text of texts) assert.equal(typeOf(type).parse(text), undefined, `${type} ${text}`)
    }
  })

  it('take from functions what is surely meant', () => {
    const taken: readonly (readonly [string, string | number | bigint | boolean | Date, Physical | undefined])[] = [
      ['int32', 5, 5],
      ['int32', 5n, 5],
      ['int32', 5.5, undefined],
      ['int64', 2 ** 53, undefined],
      ['int64', 2 ** 53 - 1, 2n ** 53n - 1n],
      ['int64', 1.5, undefined],
      ['float64', 2n ** 53n + 1n, undefined],
      ['float64', Number.NaN, Number.NaN],
      ['decimal(4,2)', 12.3, 1230n],
      ['decimal(10,9)', 1.5e-7, 150n],
      ['decimal(4,2)', 0.1 + 0.2, undefined],
      ['decimal(38,0)', 1e21, 10n ** 21n],
      ['decimal(4,2)', 3n, 300n],
      ['date', new Date(86_400_000), 1],
      ['date', new Date(1), undefined],
      ['timestamptz', new Date(1), 1000n],
      ['boolean', true, 1],
      ['boolean', 1, 1],
    ]
    for (const [type, cell, value] of taken) assert.deepEqual(typeOf(type).take(cell), value, `${type} ${cell}`)
  })
})
