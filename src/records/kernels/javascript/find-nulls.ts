import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, GONE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/find-nulls.ts`. */
export function findNulls(linear: LinearMemory): Kernels['findNulls'] {
  return (spans, stride, rows, live, out) => {
    const { bytes, words } = linear
    let listed = 0
    for (let row = 0; row < rows; row++) {
      const span = (spans + row * stride) >>> 2
      const isNull = words[span] === (words[span + 1]! & ADDRESS)
      if (isNull && bytes[live + row] !== GONE) words[(out >>> 2) + ++listed] = row
    }
    words[out >>> 2] = listed
  }
}
