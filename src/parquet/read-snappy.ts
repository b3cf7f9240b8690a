/**
 * Snappy's raw format. hyparquet has it too, but there a length of 2 GiB, as a flipped bit makes it, runs backwards for
 * ever.
 */
export function unpackSnappy(input: Uint8Array, output: Uint8Array): void {
  let at = 0
  while (at < input.length && (input[at++] as number) >= 0x80) {}
  let out = 0
  while (at < input.length) {
    const tag = input[at++] as number
    const kind = tag & 3
    if (kind === 0) {
      const extra = Math.max(0, (tag >>> 2) - 59)
      const length = (extra === 0 ? tag >>> 2 : numberAt(input, at, extra)) + 1
      at += extra
      if (at + length > input.length || out + length > output.length) throw new RangeError('Snappy: a literal too long')
      output.set(input.subarray(at, at + length), out)
      at += length
      out += length
    } else {
      const bytes = kind === 3 ? 4 : kind
      const length = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1
      const distance = numberAt(input, at, bytes) + (kind === 1 ? (tag >>> 5) * 256 : 0)
      at += bytes
      out = repeat(output, out, distance, length)
    }
  }
  if (out !== output.length) throw new RangeError(`Snappy: ${out} bytes in place of ${output.length}`)
}

/** Copies from what was written before; the two may overlap. Returns the new end. */
export function repeat(output: Uint8Array, out: number, distance: number, length: number): number {
  if (distance === 0 || distance > out || out + length > output.length) throw new RangeError('a copy from nowhere')
  if (distance >= length) output.copyWithin(out, out - distance, out - distance + length)
  else for (let index = 0; index < length; index++) output[out + index] = output[out + index - distance] as number
  return out + length
}

function numberAt(input: Uint8Array, at: number, bytes: number): number {
  if (at + bytes > input.length) throw new RangeError('Snappy: it ends too early')
  let value = 0
  for (let byte = 0; byte < bytes; byte++) value += (input[at + byte] as number) * 2 ** (8 * byte)
  return value
}
