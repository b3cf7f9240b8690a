import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BOUND_LENGTH, lowerBound, upperBound } from './bounds.ts'
import { encodeBounds } from './data-file.ts'

/** Texts that are alike for long, full of characters that cannot be followed by another one. */
const texts = fc
  .array(fc.constantFrom('a', '\u{10ffff}', '\ud7ff', '\uffff', '€', '😀'), { maxLength: 24 })
  .map((parts) => parts.join(''))
const bytes = fc.array(fc.constantFrom(0, 1, 0xff), { maxLength: 24 }).map((parts) => Uint8Array.from(parts))

describe('the bounds of a column', () => {
  it('of strings enclose every string, in at most 16 characters', () => {
    fc.assert(
      fc.property(fc.oneof(texts, fc.string({ unit: 'binary', maxLength: 40 })), (text) => {
        const [lower, upper] = [lowerBound('string', text), upperBound('string', text)]
        assert.ok(Buffer.compare(lower, Buffer.from(text)) <= 0)
        assert.ok([...lower.toString()].length <= BOUND_LENGTH)
        if (upper === undefined)
          return assert.ok([...text].slice(0, BOUND_LENGTH).every((point) => point === '\u{10ffff}'))
        assert.ok(Buffer.compare(upper, Buffer.from(text)) >= 0)
        assert.ok([...upper.toString()].length <= BOUND_LENGTH)
        assert.deepEqual(Buffer.from(upper.toString()), upper, 'the bound is UTF-8')
      }),
    )
  })

  it('of binaries enclose all bytes, in at most 16', () => {
    fc.assert(
      fc.property(fc.oneof(bytes, fc.uint8Array({ maxLength: 40 })), (value) => {
        const [lower, upper] = [lowerBound('binary', value), upperBound('binary', value)]
        assert.ok(Buffer.compare(lower, value) <= 0 && lower.length <= BOUND_LENGTH)
        if (upper === undefined) return assert.ok(value.subarray(0, BOUND_LENGTH).every((byte) => byte === 0xff))
        assert.ok(Buffer.compare(upper, value) >= 0 && upper.length <= BOUND_LENGTH)
      }),
    )
  })

  it('of a short string are the string itself, given as text or as UTF-8', () => {
    assert.equal(lowerBound('string', 'Zürich').toString(), 'Zürich')
    assert.equal(upperBound('string', Buffer.from('Zürich'))?.toString(), 'Zürich')
  })

  it('of UUIDs are left out where Iceberg in Java orders them otherwise', () => {
    const bounds = (...ids: readonly string[]) =>
      Object.keys(encodeBounds([{ id: 1, type: 'uuid', least: ids[0], greatest: ids.at(-1) }]).lowerBounds)
    const [first, last] = ['0'.repeat(32), 'f'.repeat(32)]
    assert.deepEqual([bounds(first, last), bounds(last), bounds(first, `7${first.slice(1)}`)], [[], ['1'], ['1']])
  })

  it('of a zero enclose both zeros', () => {
    assert.ok(Object.is(lowerBound('double', 0).readDoubleLE(), -0))
    assert.ok(Object.is(upperBound('double', -0)?.readDoubleLE(), 0))
  })
})
