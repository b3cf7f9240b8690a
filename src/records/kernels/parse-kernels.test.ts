import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type DataType, parseType } from '../data-type.ts'
import { ESCAPED, GONE } from '../span.ts'
import { valueType } from '../types/types.ts'
import type { Kernels } from './kernels.ts'
import { type Cell, liveMasks, putCells, Twins } from './twins.contract.ts'

const twins = new Twins()
const OUT = 1 << 16
const VALIDITY = 1 << 14

type Call = readonly [spans: number, stride: number, rows: number, live: number, out: number, v: number, slow: number]
/** The kernel that reads a type, and texts that come near to what it decides. */
interface Reading {
  readonly run: (kernels: Kernels, call: Call) => void
  readonly texts: fc.Arbitrary<string>
}

const near = (alphabet: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet), maxLength, size: 'max' })
const bigs = fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n })
const integers = fc.oneof(near('+-0123456789', 20), fc.integer().map(String), bigs.map(String))
const decimals = fc.oneof(
  near('+-.0123456789', 22),
  near('+-.0012', 8),
  fc.integer().map((n) => String(n / 100)),
)
const floats = fc.oneof(
  near('+-.eE0123456789', 12),
  near('0000.001eE-+', 12),
  fc.tuple(fc.integer(), fc.integer({ min: -40, max: 40 })).map(([a, b]) => `${a / 1e4}e${b}`),
  fc.double().map(String),
)
const booleans = fc.oneof(fc.mixedCase(fc.constantFrom('true', 'false', 'fals', 'truee', 'no')), near('01tT', 2))
const digits = (least: number, most: number, size: number) =>
  fc.integer({ min: least, max: most }).map((n) => String(n).padStart(size, '0'))
const days = fc
  .tuple(
    fc.oneof(digits(0, 9999, 4), fc.constantFrom('1900', '2000', '2023', '2024')),
    digits(0, 13, 2),
    digits(0, 32, 2),
  )
  .map((parts) => parts.join('-'))
const clocks = fc
  .tuple(digits(0, 25, 2), digits(0, 61, 2), fc.option(digits(0, 61, 2)), fc.option(near('0123', 8)))
  .map(([h, m, s, f]) => `${h}:${m}${s === null ? '' : `:${s}`}${f === null ? '' : `.${f}`}`)
const zones = fc.oneof(
  fc.constantFrom('', 'Z', 'z', '+', ' '),
  fc.tuple(fc.constantFrom('+', '-'), clocks).map((p) => p.join('')),
)
const times = fc.oneof(
  days,
  fc.tuple(days, fc.constantFrom('T', ' ', 't', ''), clocks, zones).map((parts) => parts.join('')),
)
const dates = fc.oneof(days, times, near('0123-', 10))

const uuids = fc
  .tuple(fc.uuid(), fc.nat({ max: 39 }), fc.constantFrom('', '-', 'g', 'F', 'é'))
  .map(([uuid, at, mark]) => uuid.slice(0, at) + mark + uuid.slice(at + (mark === '' ? 1 : mark === '-' ? 0 : 1)))

const decimal = (width: number, digits: number, scale: number): Reading => ({
  run: (kernels, call) => kernels.parseDecimals(...call, width, digits, scale),
  texts: decimals,
})
const READINGS: Readonly<Record<string, Reading>> = {
  int32: { run: (kernels, call) => kernels.parseIntegers(...call, 4, 10), texts: integers },
  int64: { run: (kernels, call) => kernels.parseIntegers(...call, 8, 18), texts: integers },
  'decimal(4,2)': decimal(8, 4, 2),
  'decimal(18,0)': decimal(8, 18, 0),
  'decimal(18,18)': decimal(8, 18, 18),
  'decimal(38,10)': decimal(16, 18, 10),
  'decimal(38,20)': decimal(16, 18, 20),
  float64: { run: (kernels, call) => kernels.parseFloats(...call), texts: floats },
  boolean: { run: (kernels, call) => kernels.parseBooleans(...call), texts: booleans },
  date: { run: (kernels, call) => kernels.parseDates(...call), texts: dates },
  time: { run: (kernels, call) => kernels.parseTimes(...call), texts: clocks },
  uuid: { run: (kernels, call) => kernels.parseUuids(...call), texts: uuids },
  timestamp: { run: (kernels, call) => kernels.parseTimestamps(...call, 0), texts: times },
  timestamptz: { run: (kernels, call) => kernels.parseTimestamps(...call, 1), texts: times },
}

describe('the kernels that read values', () => {
  for (const [name, { run, texts }] of Object.entries(READINGS)) {
    const values = valueType(parseType(name) as DataType)

    /** What both twins made of the cells: values of those they decide, null, undefined for what they leave out. */
    const read = (column: readonly Cell[], live: number, stride: number) => {
      const rows = column.length
      return twins.check(OUT + VALIDITY + 4 * rows + 4, (kernels, out) => {
        const [validity, slow] = [out + OUT, out + OUT + VALIDITY]
        run(kernels, [twins.shared, stride, rows, live, out, validity, slow])
        const bits = twins.bytesAt(validity, Math.ceil(rows / 64) * 8)
        const has = (row: number) => (Buffer.from(bits, 'hex')[row >>> 3]! >> (row & 7)) & 1
        const { bytes } = twins.linear
        const found = column.map((_, row) => (has(row) ? values.read(bytes, out + row * values.bytes) : null))
        return { bits, slow: twins.listAt(slow), found }
      })
    }

    it(`agree with their twins, and with what ${name} reads`, () => {
      const odd = fc.uint8Array({ maxLength: 20 }).map((bytes) => ({ bytes, flags: 0 }))
      const flags = fc.constantFrom(0, 0, 0, 0, ESCAPED)
      const cell = fc.record({ bytes: texts.map((text) => Buffer.from(text) as Uint8Array), flags })
      const column = fc.array(fc.oneof({ weight: 9, arbitrary: cell }, { weight: 1, arbitrary: odd }), {
        maxLength: 70,
      })
      const shift = fc.nat({ max: 15 })
      fc.assert(
        fc.property(column, shift, fc.constantFrom(8, 24), liveMasks, (all, shift, stride, mask) => {
          const column = all.slice(0, mask.length)
          putCells(twins, column, { shift, stride })
          const { slow, found } = read(column, twins.put(twins.text + (1 << 19), mask), stride)
          const undecided = new Set(slow)
          column.forEach(({ bytes, flags }, row) => {
            const text = Buffer.from(bytes).toString('latin1')
            const untouched = mask[row] === GONE || text === ''
            if (untouched) assert.ok(!undecided.has(row))
            if (flags !== 0 && !untouched) assert.ok(undecided.has(row), 'an escaped cell is decided')
            const expected = untouched || undecided.has(row) ? null : values.parse(text)
            assert.deepEqual(found[row], expected, text)
          })
        }),
        { numRuns: 1000 },
      )
    })
  }

  it('decide what people write', () => {
    const plain: Readonly<Record<string, readonly string[]>> = {
      int32: ['0', '-7', '+12', '2147483647', '-2147483648'],
      int64: ['007', '123456789012345678', '-1'],
      'decimal(4,2)': ['12.34', '-0.5', '.5', '5.', '0000001', '99.99'],
      'decimal(38,10)': ['-12345678.25', '1'],
      float64: ['1.5', '-.25', '1e5', '0.1', '3.14159265358979', '-0', '1E-7'],
      boolean: ['true', 'FALSE', '1', '0', 'True'],
      date: ['2024-02-29', '1969-12-31', '0001-01-01', '9999-12-31'],
      time: ['08:30', '23:59:59.999999'],
      uuid: ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6', 'F81D4FAE7DEC11D0A76500A0C91E6BF6'],
      timestamp: ['2024-02-29', '2024-02-29T10:00', '2024-02-29 10:00:01.25'],
      timestamptz: ['2024-02-29T10:00:00Z', '2024-02-29 10:00:00.123456-05:30', '2024-02-29T10:00'],
    }
    for (const [name, texts] of Object.entries(plain)) {
      const { run } = READINGS[name] as Reading
      putCells(
        twins,
        texts.map((text) => ({ bytes: Buffer.from(text), flags: 0 })),
        {},
      )
      const live = twins.put(twins.text + (1 << 19), new Uint8Array(texts.length).fill(1))
      twins.check(OUT, (kernels, out) => {
        const slow = out + VALIDITY
        run(kernels, [twins.shared, 8, texts.length, live, out, out + VALIDITY / 2, slow])
        assert.deepEqual(
          twins.listAt(slow).map((row) => texts[row]),
          [],
          name,
        )
      })
    }
  })
})
