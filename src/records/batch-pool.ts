import { BatchMemory } from './batch-memory.ts'
import type { Kernels } from './kernels/kernels.ts'
import { loadKernels } from './kernels/load.ts'
import { LinearMemory } from './linear-memory.ts'

/**
 * The few batches that one thread has in flight. A source waits here for memory, so a slow sink holds back the
 * reading, and memory is bounded by the number of batches, whatever the input.
 */
export class BatchPool {
  readonly linear: LinearMemory
  readonly kernels: Kernels
  readonly #free: BatchMemory[] = []
  readonly #waiting: ((memory: BatchMemory) => void)[] = []
  #closed = false

  constructor(
    batches: number = BATCHES_IN_FLIGHT,
    linear: LinearMemory = new LinearMemory(),
    kernels: Kernels = loadKernels(linear),
  ) {
    this.linear = linear
    this.kernels = kernels
    for (let i = 0; i < batches; i++) this.#free.push(new BatchMemory(linear, this.kernels))
  }

  /**
   * Memory of its own for a stage that makes batches of those that it got: were both to wait for the same, each could
   * hold what the other waits for.
   */
  branch(batches: number): BatchPool {
    return new BatchPool(batches, this.linear, this.kernels)
  }

  acquire(): BatchMemory | Promise<BatchMemory> {
    return this.#free.pop() ?? new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Everything allocated in `memory` is gone after this. */
  release(memory: BatchMemory): void {
    memory.reset()
    const next = this.#waiting.shift()
    if (next !== undefined) next(memory)
    else if (this.#closed) memory.free()
    else this.#free.push(memory)
  }

  /** Gives the linear memory of its batches back, as soon as they are released; call when no more will be acquired. */
  close(): void {
    this.#closed = true
    for (const memory of this.#free.splice(0)) memory.free()
  }
}

/** One being read ahead, one being worked on, one to spare. */
const BATCHES_IN_FLIGHT = 3
