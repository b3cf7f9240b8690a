import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { LIVE } from '../../records/span.ts'
import { RowGroups } from './row-groups.ts'

const GONE = LIVE + 1

describe('the groups of the rows of a batch', () => {
  it('have every live row once, in the order of the batch', () => {
    const row = fc.record({ number: fc.oneof(fc.nat(5), fc.nat(5000)), live: fc.boolean() })
    const batches = fc.array(fc.array(row, { maxLength: 60 }), { minLength: 1, maxLength: 4 })
    const property = fc.property(batches, fc.integer({ min: 1, max: 4 }), (batches, most) => {
      const groups = new RowGroups()
      for (const batch of batches) {
        const numbers = Uint32Array.from(batch, ({ number }) => number)
        const distinct = groups.look(
          numbers,
          Uint8Array.from(batch, ({ live }) => (live ? LIVE : GONE)),
        )
        const live = batch.flatMap(({ number, live }, index) => (live ? [{ number, index }] : []))
        assert.deepEqual(distinct, [...new Set(live.map(({ number }) => number))])
        const groupOf = (number: number) => distinct.indexOf(number) % most
        const { order, counts } = groups.group(distinct, distinct.map(groupOf))
        const wanted = Array.from({ length: Math.min(most, distinct.length) }, (_, group) => {
          return live.filter(({ number }) => groupOf(number) === group).map(({ index }) => index)
        })
        assert.deepEqual([...order], wanted.flat())
        assert.deepEqual(
          counts,
          wanted.map((rows) => rows.length),
        )
      }
    })
    fc.assert(property)
  })
})
