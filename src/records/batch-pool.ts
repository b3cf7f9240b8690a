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

  constructor(batches: number = BATCHES_IN_FLIGHT, linear: LinearMemory = new LinearMemory()) {
    this.linear = linear
    this.kernels = loadKernels(linear)
    for (let i = 0; i < batches; i++) this.#free.push(new BatchMemory(linear, this.kernels))
  }

  acquire(): BatchMemory | Promise<BatchMemory> {
    return this.#free.pop() ?? new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Everything allocated in `memory` is gone after this. */
  release(memory: BatchMemory): void {
    memory.reset()
    const next = this.#waiting.shift()
    if (next === undefined) this.#free.push(memory)
    else next(memory)
  }
}

/** One being read ahead, one being worked on, one for a step that makes batches of its own. */
const BATCHES_IN_FLIGHT = 3
