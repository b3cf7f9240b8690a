import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { GONE } from '../span.ts'
import { cells, liveMasks, putCells, Twins } from './twins.contract.ts'

const twins = new Twins()
const shift = fc.nat({ max: 15 })
const half = 1 << 19
const material = createHash('shake256', { outputLength: 4096 }).update('keys').digest()

describe('hashCells', () => {
  it('agrees with its twin, for one column and for several in a chain', () => {
    const columns = fc.array(fc.array(cells, { maxLength: 12 }), { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(columns, liveMasks, shift, (columns, mask, shift) => {
        const rows = Math.min(mask.length, ...columns.map((column) => column.length))
        const live = twins.put(twins.text + half, mask)
        const keys = twins.put(twins.shared + half, material)
        twins.check(32 * rows + 64 + 4 * rows, (kernels, out) => {
          const keyed = out + 16 * rows
          const slow = out + 32 * rows + 64
          return columns.map((column, position) => {
            putCells(twins, column.slice(0, rows), { shift })
            kernels.hashCells(twins.shared, 8, rows, live, keys, position, out, keyed, slow)
            return [twins.bytesAt(out, 17 * rows), twins.listAt(slow)]
          })
        })
      }),
      { numRuns: 1500 },
    )
  })

  it('gives the same hash wherever a text stands and whatever stands around it, another one to other texts', () => {
    const keys = twins.put(twins.shared + half, material)
    const seen = new Map<string, string>()
    for (const length of [1, 7, 8, 9, 255, 256, 257, 600]) {
      for (let shift = 0; shift < 16; shift++) {
        const text = Buffer.alloc(length, 'x')
        putCells(twins, [{ bytes: text, flags: 0 }], { shift })
        twins.linear.bytes[twins.text + half] = 1
        const hash = twins.check(64, (kernels, out) => {
          kernels.hashCells(twins.shared, 8, 1, twins.text + half, keys, 0, out, out + 16, out + 32)
          return twins.bytesAt(out, 16)
        })
        assert.equal(seen.get(hash) ?? text.toString(), text.toString())
        seen.set(hash, text.toString())
      }
    }
    assert.equal(seen.size, 8)
  })
})

const word = fc.integer({ min: 0, max: 0xffff_ffff })

describe('partitionKeys', () => {
  it('agrees with its twin, and stops at the row whose partition is full', () => {
    const bits = fc.constantFrom(0, 1, 3)
    const hashes = fc.array(fc.tuple(word, word, word, word), { maxLength: 40 })
    const firstId = fc.maxSafeNat().map((id) => Math.floor(id / 4))
    fc.assert(
      fc.property(hashes, liveMasks, bits, firstId, fc.boolean(), (hashes, mask, bits, firstId, withIds) => {
        const rows = Math.min(hashes.length, mask.length)
        const at = twins.putWords(twins.text, hashes.flat())
        const keyed = twins.put(twins.text + half, mask)
        const ids = twins.putWords(
          twins.shared,
          hashes.map((_, row) => row * 3),
        )
        const capacity = 8
        const partitions = 2 ** bits
        const length = 64 + partitions * capacity * 24
        twins.check(length, (kernels, out) => {
          twins.linear.words.fill(0, out >>> 2, (out >>> 2) + partitions)
          const stops: number[] = []
          for (let row = 0; row < rows; ) {
            const given = withIds ? ids : 0
            row = kernels.partitionKeys(at, keyed, row, rows, given, firstId, out, out + 64, capacity, bits)
            stops.push(row)
            if (row < rows) assert.notEqual(mask[row], GONE)
            if (row < rows) twins.linear.words.fill(0, out >>> 2, (out >>> 2) + partitions)
          }
          return [stops, twins.bytesAt(out, length)]
        })
      }),
      { numRuns: 1500 },
    )
  })
})

describe('findDuplicates', () => {
  it('agrees with its twin over several pieces in both passes', () => {
    const entry = fc.record({ key: fc.nat({ max: 12 }), id: fc.nat({ max: 2 ** 30 }), holds: fc.boolean() })
    const pieces = fc.array(fc.array(entry, { maxLength: 20 }), { maxLength: 4 })
    fc.assert(
      fc.property(pieces, fc.nat({ max: 2 ** 40 }), (pieces, firstId) => {
        const distinct = 4096
        const table = 64
        twins.check(3 * 4096, (kernels, out) => {
          twins.linear.words.fill(0, out >>> 2, (out + 1024) >>> 2)
          return [0, 1].map((pass) =>
            pieces.map((piece) => {
              const entries = twins.putWords(
                twins.text,
                // All keys want the same few slots, so that they collide.
                piece.flatMap(({ key, id, holds }) => [key, key & 3, key, 0, (id << 1) | (holds ? 1 : 0), 0]),
              )
              const found = out + 2 * 4096
              const args = [out + table, 31, out + distinct, out, found] as const
              const count = kernels.findDuplicates(entries, piece.length, firstId, pass, ...args)
              const known = twins.linear.words[out >>> 2]!
              return [count, known, twins.bytesAt(found, 16 * count), twins.bytesAt(out + distinct, 24 * known)]
            }),
          )
        })
      }),
      { numRuns: 1500 },
    )
  })
})
