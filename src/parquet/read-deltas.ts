import { Runs } from './read-runs.ts'

/**
 * DELTA_BINARY_PACKED: fills `output` and returns where the bytes behind it begin. hyparquet has it too, but cuts a first
 * value of 33 bits short, as writers make of unsigned numbers.
 */
export function readDeltas(bytes: Uint8Array, start: number, output: Int32Array | BigInt64Array): number {
  const reader = { bytes, at: start }
  const block = Number(varint(reader))
  const pieces = Number(varint(reader))
  const count = Number(varint(reader))
  const size = block / pieces
  if (!Number.isInteger(size / 8) || size === 0 || size > MOST || count < output.length) {
    throw new RangeError(`deltas in ${pieces} pieces of ${block}, ${count} in all`)
  }
  const first = zigzag(reader)
  if (output.length === 0) return reader.at
  const sums = output instanceof Int32Array ? new Sums32(output, first, size) : new Sums64(output, first, size)
  while (sums.missing > 0) {
    sums.least(zigzag(reader))
    const widths = bytes.subarray(reader.at, reader.at + pieces)
    reader.at += pieces
    for (const width of widths) {
      if (sums.missing === 0) break
      const end = reader.at + (size * width) / 8
      if (width > 64 || end > bytes.length) throw new RangeError('deltas that are not all there')
      sums.add(bytes, reader.at, Math.min(size, sums.missing), width)
      reader.at = end
    }
  }
  return reader.at
}

/** Adds up modulo 2^32, so nothing is lost in numbers of 32 bits. */
class Sums32 {
  readonly #output: Int32Array
  readonly #deltas: Uint32Array
  #at = 1
  #value: number
  #least = 0

  constructor(output: Int32Array, first: bigint, size: number) {
    this.#deltas = new Uint32Array(size)
    this.#output = output
    this.#value = Number(BigInt.asIntN(32, first))
    output[0] = this.#value
  }

  get missing(): number {
    return this.#output.length - this.#at
  }

  least(delta: bigint): void {
    this.#least = Number(BigInt.asIntN(32, delta))
  }

  add(bytes: Uint8Array, start: number, count: number, width: number): void {
    const deltas = this.#deltas.subarray(0, count)
    unpack(bytes, start, width, deltas)
    for (let index = 0; index < count; index++) {
      this.#value = (this.#value + this.#least + (deltas[index] as number)) | 0
      this.#output[this.#at++] = this.#value
    }
  }
}

class Sums64 {
  readonly #output: BigInt64Array
  readonly #deltas: Uint32Array
  #at = 1
  #value: bigint
  #least = 0n

  constructor(output: BigInt64Array, first: bigint, size: number) {
    this.#deltas = new Uint32Array(size)
    this.#output = output
    this.#value = first
    output[0] = first
  }

  get missing(): number {
    return this.#output.length - this.#at
  }

  least(delta: bigint): void {
    this.#least = delta
  }

  add(bytes: Uint8Array, start: number, count: number, width: number): void {
    const deltas = this.#deltas.subarray(0, count)
    if (width <= 32) unpack(bytes, start, width, deltas)
    for (let index = 0; index < count; index++) {
      const delta = width <= 32 ? BigInt(deltas[index] as number) : wide(bytes, start * 8 + index * width, width)
      this.#value = BigInt.asIntN(64, this.#value + this.#least + delta)
      this.#output[this.#at++] = this.#value
    }
  }
}

function unpack(bytes: Uint8Array, start: number, width: number, out: Uint32Array): void {
  if (width === 0) out.fill(0)
  else Runs.packed(bytes, start, out.length, width).read(out)
}

/** More than 32 bits, which may touch nine bytes. */
function wide(bytes: Uint8Array, bit: number, width: number): bigint {
  let value = 0n
  for (let byte = 8; byte >= 0; byte--) value = (value << 8n) | BigInt(bytes[(bit >>> 3) + byte] ?? 0)
  return BigInt.asUintN(width, value >> BigInt(bit & 7))
}

interface Reader {
  readonly bytes: Uint8Array
  at: number
}

function varint(reader: Reader): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = reader.bytes[reader.at++]
    if (byte === undefined) break
    value |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) return value
  }
  throw new RangeError('deltas without their beginning')
}

function zigzag(reader: Reader): bigint {
  const value = varint(reader)
  return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n))
}

/** Of a piece; writers make pieces of 32 or 64. */
const MOST = 1 << 16
