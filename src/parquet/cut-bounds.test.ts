import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { cutBounds } from './cut-bounds.ts'

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }).map((value) => Buffer.from(value.toWellFormed())),
  fc.string({ unit: fc.constantFrom('\u{10ffff}', '퟿', '\x7f', 'é', 'a'), maxLength: 20 }).map((v) => Buffer.from(v)),
)
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 40 }),
  fc.nat(30).map((length) => new Uint8Array(length).fill(255)),
)

describe('bounds that are cut', () => {
  for (const [what, values, isText] of [
    ['text', text, true],
    ['bytes', bytes.map((value) => Buffer.from(value)), false],
    ['text that is no UTF-8', bytes.map((value) => Buffer.from(value)), true],
  ] as const) {
    it(`enclose ${what}, and say whether they are exact`, () => {
      fc.assert(
        fc.property(values, (value) => {
          const { min, max, minIsExact, maxIsExact } = cutBounds(value, value, isText)
          assert.ok(Buffer.compare(min, value) <= 0)
          assert.ok(Buffer.compare(max, value) >= 0)
          assert.equal(minIsExact, value.equals(min))
          assert.equal(maxIsExact, value.equals(max))
          assert.ok(min.length <= 16 && (max.length <= 16 || maxIsExact))
        }),
        { numRuns: 3000 },
      )
    })
  }

  it('are text when what they bound is', () => {
    fc.assert(
      fc.property(text, (value) => {
        const { min, max } = cutBounds(value, value, true)
        for (const bound of [min, max]) assert.deepEqual(Buffer.from(Buffer.from(bound).toString()), Buffer.from(bound))
      }),
      { numRuns: 3000 },
    )
  })
})
