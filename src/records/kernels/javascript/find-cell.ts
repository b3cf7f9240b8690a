import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/find-cell.ts`. */
export function findCell(linear: LinearMemory): Kernels['findCell'] {
  return (spans, stride, rows, text, length, out) => {
    const { bytes, words } = linear
    const wanted = bytes.subarray(text, text + length)
    let listed = 0
    for (let row = 0; row < rows; row++) {
      const span = (spans + row * stride) >>> 2
      if (wanted.equals(bytes.subarray(words[span], words[span + 1]! & ADDRESS))) words[(out >>> 2) + ++listed] = row
    }
    words[out >>> 2] = listed
  }
}
