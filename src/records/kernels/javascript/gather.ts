import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, LIVE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/gather.ts`. */
export function gather(linear: LinearMemory): Kernels['gather'] {
  return (segments, count, rows, live, out, rowEnds) => {
    const { bytes, words } = linear
    let at = out
    let copied = 0
    for (let row = 0; row < rows; row++) {
      if (bytes[live + row] !== LIVE) continue
      for (let segment = segments >>> 2; segment < (segments >>> 2) + 4 * count; segment += 4) {
        const offset = row * words[segment + 2]!
        const first = (words[segment]! + offset) >>> 2
        const last = (words[segment + 1]! + offset) >>> 2
        const from = words[first]! - (words[first + 1]! >>> 31)
        const end = (words[last + 1]! & ADDRESS) + (words[last + 1]! >>> 31)
        bytes.copyWithin(at, from, end)
        at += end - from
        bytes[at++] = words[segment + 3]!
      }
      if (rowEnds !== 0) words[(rowEnds >>> 2) + copied] = at - out
      copied++
    }
    return at
  }
}
