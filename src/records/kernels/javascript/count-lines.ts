import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/count-lines.ts`. */
export function countLines(linear: LinearMemory): Kernels['countLines'] {
  return (from, end) => {
    const { bytes } = linear
    let lines = 0
    for (let at = from; at < end; at++) {
      const behindCr = at > from && bytes[at - 1] === 13
      if (bytes[at] === 13 || (bytes[at] === 10 && !behindCr)) lines++
    }
    return lines
  }
}
