import type { BatchPool } from '../records/batch-pool.ts'
import type { Kernels } from '../records/kernels/kernels.ts'
import type { LinearMemory } from '../records/linear-memory.ts'
import { type Compression, Compressor } from './compressor.ts'

/** What all columns of a writer share, and writers of which one is filled at a time. */
export class WriterMemory {
  readonly linear: LinearMemory
  readonly kernels: Kernels
  readonly compressor: Compressor
  /** A span of no bytes. */
  readonly noText: number
  #indices = 0
  #size = 0

  constructor({ linear, kernels }: BatchPool, compression: Compression) {
    this.linear = linear
    this.kernels = kernels
    this.compressor = new Compressor(linear, compression)
    this.noText = linear.reserve(8)
    linear.words.fill(this.noText, this.noText >>> 2, (this.noText >>> 2) + 2)
  }

  /** Room for so many words, until somebody asks again. */
  indices(count: number): number {
    if (this.#size < count) {
      this.linear.release(this.#indices)
      this.#size = count
      this.#indices = this.linear.reserve(count * 4)
    }
    return this.#indices
  }

  /** Waits for what is at work, and gives all back. */
  async close(): Promise<void> {
    await this.compressor.close()
    this.linear.release(this.noText)
    this.linear.release(this.#indices)
  }
}
