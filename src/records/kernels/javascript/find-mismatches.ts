import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, GONE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/find-mismatches.ts`. */
export function findMismatches(linear: LinearMemory): Kernels['findMismatches'] {
  return (spans, stride, rows, live, table, out) => {
    const { bytes, words } = linear
    // Two layouts of one table: next[byte * 16 + state] or next[state * 256 + byte].
    const small = words[table >>> 2]! <= 16
    const byteShift = small ? 4 : 0
    const stateShift = small ? 0 : 8
    const start = words[(table >>> 2) + 1]!
    const next = table + NEXT
    let listed = 0
    for (let row = 0; row < rows; row++) {
      const span = (spans + row * stride) >>> 2
      const flags = words[span + 1]!
      const end = flags & ADDRESS
      let state = start
      let p = words[span]!
      if (p === end || bytes[live + row] === GONE) continue
      for (; p < end && bytes[p]! < 128; p++) state = bytes[next + (bytes[p]! << byteShift) + (state << stateShift)]!
      if (p < end || bytes[table + ACCEPTS + state] === 0 || (flags & ESCAPED) !== 0) {
        words[(out >>> 2) + ++listed] = row
      }
    }
    words[out >>> 2] = listed
  }
}

const ACCEPTS = 16
const NEXT = 272
