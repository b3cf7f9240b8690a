import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

export function writeLetterStart(linear: LinearMemory): Kernels['writeLetterStart'] {
  return (pieces, row, line, byteOffset, byteLength, out) => {
    const { words, bytes } = linear
    let at = out
    ;[row, row, line, byteOffset, byteLength, ''].forEach((number, index) => {
      const piece = (pieces >>> 2) + index * 2
      const [address, length] = [words[piece] as number, words[piece + 1] as number]
      bytes.copyWithin(at, address, address + length)
      at += length
      at += bytes.write(String(number), at)
    })
    return at
  }
}
