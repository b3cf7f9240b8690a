import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { byteRange } from './byte-range.ts'

describe('a byte range', () => {
  it('takes the bytes that HTTP says', () => {
    const bytes = 'abcdefghij'
    const small = fc.option(fc.integer({ min: 0, max: 14 }), { nil: null })
    fc.assert(
      fc.property(small, small, (first, last) => {
        const header = `bytes=${first ?? ''}-${last ?? ''}`
        assert.equal(taken(header, bytes), expected(first, last, bytes))
      }),
    )
  })

  it('is the whole object when nobody can read it', () => {
    for (const header of [undefined, 'bytes=a-b', 'bytes=1-2,4-5', 'bytes=5-2', 'lines=1-2', 'bytes=-']) {
      assert.equal(byteRange(header, 10), null, header)
    }
  })
})

function taken(header: string, bytes: string): string {
  try {
    const range = byteRange(header, bytes.length)
    return range === null ? bytes : bytes.slice(range.start, range.end)
  } catch {
    return 'refused'
  }
}

function expected(first: number | null, last: number | null, bytes: string): string {
  if (first === null && last === null) return bytes
  if (first === null) return last === 0 ? 'refused' : bytes.slice(-last!)
  if (last !== null && last < first) return bytes
  return first >= bytes.length ? 'refused' : bytes.slice(first, last === null ? undefined : last + 1)
}
