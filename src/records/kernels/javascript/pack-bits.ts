import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `packBits` in `assembly/pack-bits.ts`. */
export function packBits(linear: LinearMemory): Kernels['packBits'] {
  return (from, count, out) => {
    const { bytes } = linear
    for (let at = 0; at < count; at++) {
      const byte = out + (at >>> 3)
      const bit = Number(bytes[from + at] !== 0) << (at & 7)
      bytes[byte] = (at & 7) === 0 ? bit : (bytes[byte] as number) | bit
    }
    return out + Math.ceil(count / 8)
  }
}

/** The twin of `reverseBytes`. */
export function reverseBytes(linear: LinearMemory): Kernels['reverseBytes'] {
  return (values, count, width) => {
    for (let at = 0; at < count; at++) linear.bytes.subarray(values + at * width, values + (at + 1) * width).reverse()
  }
}
