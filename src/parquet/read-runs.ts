/**
 * Small whole numbers as Parquet packs levels and places in a dictionary: runs of one value that repeats, and runs of
 * values of `width` bits each, the lowest first. Read a piece at a time, for a run may be as long as it likes.
 */
export class Runs {
  readonly #bytes: Uint8Array
  readonly #end: number
  readonly #width: number
  readonly #mask: number
  #at: number
  /** Values left of this run. */
  #left = 0
  #packed = false
  /** Of a run that repeats it. */
  #value = 0
  /** Of a packed run: where the next value begins. */
  #bit = 0

  /** Reads [start, end) of `bytes`. */
  constructor(bytes: Uint8Array, start: number, end: number, width: number) {
    if (width > 32 || start > end || end > bytes.length) throw new RangeError('runs that do not fit')
    this.#bytes = bytes
    this.#at = start
    this.#end = end
    this.#width = width
    this.#mask = width === 32 ? 0xffff_ffff : 2 ** width - 1
  }

  /** Packed values alone, without what says how many. */
  static packed(bytes: Uint8Array, start: number, count: number, width: number): Runs {
    const runs = new Runs(bytes, start, bytes.length, width)
    runs.#packed = true
    runs.#left = count
    runs.#bit = start * 8
    return runs
  }

  /** Fills `out`. Throws RangeError when there are not that many. */
  read(out: Uint8Array | Uint32Array): void {
    for (let from = 0; from < out.length; ) {
      while (this.#left === 0) this.#open()
      const to = Math.min(out.length, from + this.#left)
      if (this.#packed) this.#unpack(out, from, to)
      else out.fill(this.#value, from, to)
      this.#left -= to - from
      from = to
    }
  }

  #open(): void {
    const header = this.#varint()
    const bytes = Math.ceil(this.#width / 8)
    this.#packed = (header & 1) === 1
    if (this.#packed) {
      this.#left = (header >>> 1) * 8
      this.#bit = this.#at * 8
      this.#at += (header >>> 1) * this.#width
      return
    }
    this.#left = header >>> 1
    if (this.#at + bytes > this.#end) throw new RangeError('a run without its value')
    this.#value = 0
    for (let byte = 0; byte < bytes; byte++) this.#value += (this.#bytes[this.#at + byte] as number) * 2 ** (8 * byte)
    this.#at += bytes
  }

  #varint(): number {
    for (let value = 0, shift = 0; shift < 35; shift += 7) {
      if (this.#at >= this.#end) break
      const byte = this.#bytes[this.#at++] as number
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80 && value < 2 ** 32) return value
    }
    throw new RangeError('a run without its length')
  }

  #unpack(out: Uint8Array | Uint32Array, from: number, to: number): void {
    const width = this.#width
    const bytes = this.#bytes
    // The last bytes of a run may be left out, but never those of a value.
    if (this.#bit + (to - from) * width > this.#end * 8) throw new RangeError('packed values that are not all there')
    let bit = this.#bit
    if (width <= 24) {
      for (let index = from; index < to; index++, bit += width) {
        const at = bit >>> 3
        const word =
          (bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24)
        out[index] = (word >>> (bit & 7)) & this.#mask
      }
    } else {
      for (let index = from; index < to; index++, bit += width) out[index] = this.#wide(bit)
    }
    this.#bit = bit
  }

  /** Places in a dictionary of more than 16 million values. */
  #wide(bit: number): number {
    let value = 0n
    for (let byte = 0; byte < 5; byte++) value |= BigInt(this.#bytes[(bit >>> 3) + byte] ?? 0) << BigInt(8 * byte)
    return Number((value >> BigInt(bit & 7)) & BigInt(this.#mask))
  }
}
