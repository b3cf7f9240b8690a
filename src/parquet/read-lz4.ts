import { repeat } from './read-snappy.ts'

/** One block of LZ4, which Parquet calls LZ4_RAW. */
export function unpackLz4(input: Uint8Array, output: Uint8Array): void {
  const end = unpackBlock(input, output)
  if (end !== output.length) throw new RangeError(`LZ4: ${end} bytes in place of ${output.length}`)
}

/**
 * What Parquet calls LZ4: Hadoop's frames, each with both of its lengths before it, big-endian. Some writers left them
 * out, so a page that is no such frame is taken for a block.
 */
export function unpackHadoopLz4(input: Uint8Array, output: Uint8Array): void {
  const view = new DataView(input.buffer, input.byteOffset, input.length)
  let out = 0
  for (let at = 0; at < input.length; ) {
    const [length, packed] = at + 8 > input.length ? [0, 0] : [view.getUint32(at), view.getUint32(at + 4)]
    if (packed === 0 || at + 8 + packed > input.length || out + length > output.length) {
      unpackLz4(input, output)
      return
    }
    unpackLz4(input.subarray(at + 8, at + 8 + packed), output.subarray(out, out + length))
    at += 8 + packed
    out += length
  }
  if (out !== output.length) throw new RangeError(`LZ4: ${out} bytes in place of ${output.length}`)
}

function unpackBlock(input: Uint8Array, output: Uint8Array): number {
  let at = 0
  let out = 0
  const extended = (length: number): number => {
    let sum = length
    for (let byte = 255; length === 15 && byte === 255; sum += byte) {
      if (at >= input.length) throw new RangeError('LZ4: it ends too early')
      byte = input[at++] as number
    }
    return sum
  }
  while (at < input.length) {
    const token = input[at++] as number
    const literal = extended(token >>> 4)
    if (at + literal > input.length || out + literal > output.length) throw new RangeError('LZ4: a literal too long')
    output.set(input.subarray(at, at + literal), out)
    at += literal
    out += literal
    if (at === input.length) break
    if (at + 2 > input.length) throw new RangeError('LZ4: it ends too early')
    const distance = (input[at] as number) | ((input[at + 1] as number) << 8)
    at += 2
    out = repeat(output, out, distance, extended(token & 15) + 4)
  }
  return out
}
