import type { PageBuffer } from './page-buffer.ts'

/** So many bytes at most. */
export function levelBytes(rows: number): number {
  return 4 + VARINT + Math.ceil(rows / 8)
}

/**
 * The definition levels of a page: their length in four bytes, then one run, of ones when no row is null, else of the
 * bits as they are. Returns the end.
 */
export function encodeLevels(bytes: Buffer, { rows, count, levels }: PageBuffer, out: number): number {
  const start = out + 4
  let end: number
  if (count === rows) {
    end = putVarint(bytes, rows * 2, start)
    bytes[end++] = 1
  } else {
    const packed = Math.ceil(rows / 8)
    end = putVarint(bytes, packed * 2 + 1, start)
    bytes.copyWithin(end, levels, levels + packed)
    end += packed
  }
  bytes.writeUInt32LE(end - start, out)
  return end
}

const VARINT = 5

function putVarint(bytes: Buffer, value: number, out: number): number {
  let [rest, at] = [value, out]
  for (; rest >= 128; rest >>>= 7) bytes[at++] = (rest & 127) | 128
  bytes[at++] = rest
  return at
}
