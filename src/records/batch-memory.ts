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

  reset(): void {
    this.#current = 0
    this.#used = 0
  }

  /** Gives the segments back as well. */
  free(): void {
    for (const { address } of this.#segments.splice(0)) this.linear.release(address)
    this.reset()
  }
}

/** Kernels may write up to 16 bytes past the last byte they mean. */
const ROOM = 32
const SEGMENT = 1 << 20
