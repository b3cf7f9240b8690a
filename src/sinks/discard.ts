import type { RecordBatch } from '../records/record-batch.ts'
import { streamTarget } from '../storage/stream-target.ts'
import type { SealedPart, Sink, Staging } from './sink.ts'

/** Counts rows and writes none: for jobs that are only checked or looked at. */
export function discardRows(): Sink {
  return {
    description: { type: 'discard' },
    target: streamTarget(),
    location: '-',
    adopt: false,
    extension: '',
    stage: async (_plan, split) => new Discarding(split),
    cut: async (part, drops) => ({ ...part, rows: part.rows - drops.size }),
  }
}

class Discarding implements Staging {
  readonly #split: number
  #rows = 0
  #columns: readonly string[] = []

  constructor(split: number) {
    this.#split = split
  }

  async write(batch: RecordBatch): Promise<void> {
    this.#rows += batch.memory.kernels.countLive(batch.live, batch.rows)
    this.#columns = batch.schema.columns
  }

  async seal(): Promise<SealedPart> {
    return { split: this.#split, path: '', rows: this.#rows, bytes: 0, sha256: '', columns: this.#columns }
  }

  async close(): Promise<void> {}
}
