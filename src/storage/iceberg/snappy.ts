/** One block of Snappy, without frames, as Avro files of other writers may have. Throws RangeError for anything else. */
export function snappyDecompress(input: Uint8Array): Buffer {
  let at = 0
  const next = () => {
    if (at >= input.length) throw new RangeError('a Snappy block ends too early')
    return input[at++] as number
  }
  const little = (bytes: number) => {
    let value = 0
    for (let index = 0; index < bytes; index++) value += next() * 256 ** index
    return value
  }
  let size = 0
  for (let byte = 0x80, factor = 1; byte >= 0x80; factor *= 128) {
    byte = next()
    size += (byte & 0x7f) * factor
  }
  if (size > input.length * MOST_RATIO) throw new RangeError('a Snappy block claims more than it can hold')
  const output = Buffer.alloc(size)
  let end = 0
  while (end < size) {
    const tag = next()
    if ((tag & 3) === 0) {
      const short = tag >>> 2
      const length = (short < 60 ? short : little(short - 59)) + 1
      if (at + length > input.length || end + length > size) throw new RangeError('a Snappy literal is too long')
      output.set(input.subarray(at, at + length), end)
      at += length
      end += length
      continue
    }
    const near = (tag & 3) === 1
    const length = near ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
    const offset = near ? (tag >>> 5) * 256 + next() : little((tag & 3) === 2 ? 2 : 4)
    if (offset === 0 || offset > end || end + length > size) throw new RangeError('a Snappy copy reaches too far')
    // A copy may read what it has just written.
    for (let index = 0; index < length; index++, end++) output[end] = output[end - offset] as number
  }
  return output
}

/** 64 bytes come from a copy of 3. */
const MOST_RATIO = 64
