import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  compareValues,
  decodeValue,
  encodeValue,
  fromTwosComplement,
  type SingleValue,
  twosComplement,
} from './single-value.ts'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const VALUES: Readonly<Record<string, fc.Arbitrary<SingleValue>>> = {
  boolean: fc.constantFrom(0, 1),
  int: fc.integer(),
  long: int64,
  float: fc.float(),
  double: fc.double(),
  date: fc.integer(),
  time: int64,
  timestamp: int64,
  timestamptz: int64,
  'decimal(38, 10)': fc.bigInt({ min: -(10n ** 38n) + 1n, max: 10n ** 38n - 1n }),
  string: fc.string({ unit: 'binary' }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  binary: fc.uint8Array().map((bytes) => Buffer.from(bytes)),
  'fixed[3]': fc.uint8Array({ minLength: 3, maxLength: 3 }).map((bytes) => Buffer.from(bytes)),
}

describe('the single-value serialization', () => {
  for (const [type, values] of Object.entries(VALUES)) {
    it(`gives every ${type} back`, () => {
      fc.assert(fc.property(values, (value) => assert.deepEqual(decodeValue(type, encodeValue(type, value)), value)))
    })
  }

  it('writes decimals in as few bytes as hold them', () => {
    for (const [value, hex] of [
      [0n, '00'],
      [-1n, 'ff'],
      [127n, '7f'],
      [128n, '0080'],
      [-128n, '80'],
      [-129n, 'ff7f'],
      [1420n, '058c'],
    ] as const) {
      assert.equal(twosComplement(value).toString('hex'), hex)
      assert.equal(fromTwosComplement(Buffer.from(hex, 'hex')), value)
    }
  })

  it('reads bounds that were written before an int became a long, or a float a double', () => {
    assert.equal(decodeValue('long', encodeValue('int', -5)), -5n)
    assert.equal(decodeValue('double', encodeValue('float', 0.5)), 0.5)
  })

  it('orders strings by code points, not by UTF-16', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        const points = ([...text]: string) =>
          text.map((point) => String.fromCodePoint(point.codePointAt(0) as number).codePointAt(0) as number)
        const [left, right] = [points(a), points(b)]
        const at = left.findIndex((point, index) => point !== right[index])
        const expected = at === -1 ? left.length - right.length : (left[at] as number) - (right[at] ?? -1)
        assert.equal(Math.sign(compareValues(a, b)), Math.sign(expected))
      }),
    )
  })
})
