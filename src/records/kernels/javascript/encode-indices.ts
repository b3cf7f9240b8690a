import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

const LONG = 16

/** The twin of `assembly/encode-indices.ts`. */
export function encodeIndices(linear: LinearMemory): Kernels['encodeIndices'] {
  return (indices, count, width, out) => {
    const list = linear.words.subarray(indices >>> 2, (indices >>> 2) + count)
    let at = out
    for (let from = 0; from < count; ) {
      const run = runAt(list, from)
      if (run >= LONG) {
        at = putRun(linear.bytes, run, list[from] as number, width, at)
        from += run
        continue
      }
      let end = from + 8
      while (end < count && runAt(list, end) < LONG) end += 8
      at = putPacked(linear.bytes, list.subarray(from, end), (end - from) / 8, width, at)
      from = end
    }
    return at
  }
}

function runAt(list: Uint32Array, from: number): number {
  let next = from + 1
  while (next < list.length && list[next] === list[from]) next++
  return next - from
}

function putVarint(bytes: Buffer, value: number, out: number): number {
  let [rest, at] = [value, out]
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[at++] = (rest & 127) | 128
  bytes[at++] = rest
  return at
}

function putRun(bytes: Buffer, length: number, value: number, width: number, out: number): number {
  const at = putVarint(bytes, length * 2, out)
  const size = Math.ceil(width / 8)
  for (let byte = 0; byte < size; byte++) bytes[at + byte] = value >>> (8 * byte)
  return at + size
}

function putPacked(bytes: Buffer, list: Uint32Array, groups: number, width: number, out: number): number {
  const at = putVarint(bytes, groups * 2 + 1, out)
  bytes.fill(0, at, at + groups * width)
  list.forEach((value, index) => {
    for (let bit = 0; bit < width; bit++) {
      const place = index * width + bit
      const byte = at + (place >>> 3)
      bytes[byte] = (bytes[byte] as number) | (((value >>> bit) & 1) << (place & 7))
    }
  })
  return at + groups * width
}
