import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

export function writeJsonText(linear: LinearMemory): Kernels['writeJsonText'] {
  return (from, end, out) => {
    let at = out
    for (let p = from; p < end; p++) at = put(linear, linear.bytes[p] as number, at)
    return at
  }
}

export function writeJsonCells(linear: LinearMemory): Kernels['writeJsonCells'] {
  return (cells, columns, keys, out) => {
    const { words, bytes } = linear
    let at = out
    for (let column = 0; column < columns; column++) {
      const key = (keys >>> 2) + column * 2
      const [address, length] = [words[key] as number, words[key + 1] as number]
      bytes.copyWithin(at, address, address + length)
      at += length
      const span = (cells >>> 2) + column * 2
      const start = words[span] as number
      const stop = words[span + 1] as number
      if (start === (stop & ADDRESS)) at += bytes.write('null', at)
      else at = putCell(linear, start, stop, at)
    }
    return at
  }
}

function putCell(linear: LinearMemory, start: number, stop: number, out: number): number {
  const { bytes } = linear
  const quote = bytes[start - 1]
  const escaped = (stop & ESCAPED) !== 0
  let at = out
  bytes[at++] = 34
  for (let p = start; p < (stop & ADDRESS); p++) {
    at = put(linear, bytes[p] as number, at)
    // Of a doubled quote one is enough.
    if (escaped && bytes[p] === quote) p++
  }
  bytes[at++] = 34
  return at
}

/** One byte as JSON has it; those of characters beyond ASCII pass as they are. */
function put({ bytes }: LinearMemory, byte: number, at: number): number {
  if (byte >= 128) {
    bytes[at] = byte
    return at + 1
  }
  return at + bytes.write(JSON.stringify(String.fromCharCode(byte)).slice(1, -1), at)
}
