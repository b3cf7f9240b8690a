import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { exceedsShare } from './share.ts'

describe('exceedsShare', () => {
  it('is exact at the limit, for every share in hundredths', () => {
    const property = fc.property(fc.nat(10_000), fc.nat(1_000_000), (hundredths, tens) => {
      const share = `${Math.floor(hundredths / 100)}.${String(hundredths % 100).padStart(2, '0')}%`
      const [whole, limit] = [tens * 10_000, tens * hundredths]
      assert.equal(exceedsShare(limit, share, whole), false)
      assert.equal(exceedsShare(limit + 1, share, whole), true)
    })
    fc.assert(property)
  })
})
