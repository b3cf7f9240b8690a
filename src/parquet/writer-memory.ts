import type { Kernels } from '../records/kernels/kernels.ts'
import type { LinearMemory } from '../records/linear-memory.ts'

/** What all columns of a writer share: they are filled one after another. */
export class WriterMemory {
  readonly linear: LinearMemory
  readonly kernels: Kernels
  /** A span of no bytes. */
  readonly noText: number
  #indices = 0
  #size = 0

  constructor(linear: LinearMemory, kernels: Kernels) {
    this.linear = linear
    this.kernels = kernels
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

  free(): void {
    this.linear.release(this.noText)
    this.linear.release(this.#indices)
  }
}
