import type { Kernels } from './kernels/kernels.ts'
import type { LinearMemory } from './linear-memory.ts'

/**
 * The memory of one batch in flight: its input and all that is derived from it. Everything allocated here goes at
 * once when the batch is released; the segments stay reserved for the next batch.
 */
export class BatchMemory {
  readonly linear: LinearMemory
  readonly kernels: Kernels
  readonly #segments: { readonly address: number; readonly size: number }[] = []
  #current = 0
  #used = 0
  #text: { readonly start: number; readonly end: number; latin1: Latin1 | undefined } | undefined

  constructor(linear: LinearMemory, kernels: Kernels) {
    this.linear = linear
    this.kernels = kernels
  }

  /** The address of `byteLength` fresh bytes (not zeroed) that live until the batch is released. */
  allocate(byteLength: number): number {
    const size = Math.ceil((byteLength + ROOM) / 16) * 16
    for (;;) {
      const segment = this.#segments[this.#current]
      if (segment === undefined) {
        const capacity = Math.max(size, SEGMENT)
        this.#segments.push({ address: this.linear.reserve(capacity), size: capacity })
      } else if (this.#used + size <= segment.size) {
        const address = segment.address + this.#used
        this.#used += size
        return address
      } else {
        this.#current++
        this.#used = 0
      }
    }
  }

  /** Takes back the end of the last allocation, which turned out to need only `byteLength` bytes. */
  shrink(address: number, byteLength: number): void {
    const segment = this.#segments[this.#current] as { readonly address: number }
    this.#used = Math.ceil((address - segment.address + byteLength + ROOM) / 16) * 16
  }

  /** Says where the batch's source text lies, so that its columns share one decoded copy. */
  setText(start: number, end: number): void {
    this.#text = { start, end, latin1: undefined }
  }

  /**
   * The bytes of [start, end) as Latin-1, a character a byte, and where that text begins: at `start`, or with the source
   * text that holds them all, which is decoded once for all columns.
   */
  latin1(start: number, end: number): Latin1 {
    const text = this.#text
    if (text === undefined || start < text.start || end > text.end) return decode(this.linear, start, end)
    text.latin1 ??= decode(this.linear, text.start, text.end)
    return text.latin1
  }

  reset(): void {
    this.#text = undefined
    this.#current = 0
    this.#used = 0
  }

  /** Gives the segments back as well. */
  free(): void {
    for (const { address } of this.#segments.splice(0)) this.linear.release(address)
    this.reset()
  }
}

export interface Latin1 {
  readonly text: string
  readonly start: number
  /** Then the text is what the bytes say; else cells that are not ASCII must be decoded as UTF-8. */
  readonly ascii: boolean
}

function decode(linear: LinearMemory, start: number, end: number): Latin1 {
  const text = linear.bytes.toString('latin1', start, end)
  return { text, start, ascii: !NOT_ASCII.test(text) }
}

const NOT_ASCII = /[\x80-\xff]/

/** Kernels may write up to 16 bytes past the last byte they mean. */
const ROOM = 32
const SEGMENT = 1 << 20
