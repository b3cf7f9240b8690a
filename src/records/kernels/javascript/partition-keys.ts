import type { LinearMemory } from '../../linear-memory.ts'
import { GONE, LIVE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/partition-keys.ts`. */
export function partitionKeys(linear: LinearMemory): Kernels['partitionKeys'] {
  return (hashes, keyed, from, rows, ids, firstId, counts, buffers, capacity, bits) => {
    const { bytes, words } = linear
    for (let row = from; row < rows; row++) {
      const status = bytes[keyed + row]
      if (status === GONE) continue
      const hash = hashes + 16 * row
      const partition = Math.floor(words[hash >>> 2]! / 2 ** (32 - bits))
      const count = words[(counts >>> 2) + partition]!
      if (count === capacity) return row
      const entry = buffers + (partition * capacity + count) * 24
      const id = BigInt(firstId + (ids === 0 ? row : words[(ids >>> 2) + row]!))
      bytes.copyWithin(entry, hash, hash + 16)
      bytes.writeBigUInt64LE(id * 2n + (status === LIVE ? 1n : 0n), entry + 16)
      words[(counts >>> 2) + partition] = count + 1
    }
    return rows
  }
}
