import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/find-duplicates.ts`. */
export function findDuplicates(linear: LinearMemory): Kernels['findDuplicates'] {
  return (entries, count, firstId, pass, table, mask, distinct, distinctCount, found) => {
    const { bytes, words } = linear
    let size = words[distinctCount >>> 2]!
    let duplicates = 0
    const report = (id: bigint, index: number) => {
      bytes.writeBigUInt64LE(id, found + 16 * duplicates)
      bytes.writeBigUInt64LE(BigInt(index), found + 16 * duplicates + 8)
      duplicates++
    }
    for (let entry = entries; entry < entries + 24 * count; entry += 24) {
      const tagged = bytes.readBigUInt64LE(entry + 16)
      const holds = (tagged & 1n) === 1n
      if (holds !== (pass === 0)) continue
      const id = BigInt(firstId) + (tagged >> 1n)
      const slot = slotOf(linear, entry, table, mask, distinct)
      const known = words[slot]! - 1
      const holder = distinct + 24 * known + 16
      if (known >= 0 && holds && id < bytes.readBigUInt64LE(holder)) {
        report(bytes.readBigUInt64LE(holder), known)
        bytes.writeBigUInt64LE(id, holder)
      } else if (known >= 0) {
        report(id, known)
      } else if (holds) {
        bytes.copyWithin(distinct + 24 * size, entry, entry + 16)
        bytes.writeBigUInt64LE(id, distinct + 24 * size + 16)
        words[slot] = ++size
      }
    }
    words[distinctCount >>> 2] = size
    return duplicates
  }
}

/** The index of the slot that names the entry's key, or of the free one where it belongs. */
function slotOf({ bytes, words }: LinearMemory, entry: number, table: number, mask: number, distinct: number): number {
  const key = bytes.subarray(entry, entry + 16)
  for (let slot = words[(entry >>> 2) + 1]! & mask; ; slot = (slot + 1) & mask) {
    const index = words[(table >>> 2) + slot]!
    const known = distinct + 24 * (index - 1)
    if (index === 0 || key.equals(bytes.subarray(known, known + 16))) return (table >>> 2) + slot
  }
}
