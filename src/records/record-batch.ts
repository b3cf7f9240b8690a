import type { BatchMemory } from './batch-memory.ts'
import type { Column } from './column.ts'
import type { Origins, SourceRecord } from './origins.ts'
import { type RowError, RowErrors } from './row-errors.ts'
import type { Schema } from './schema.ts'

/** A record that has no cells to work on: it goes straight to the dead letters. */
export interface Fault {
  readonly record: SourceRecord
  readonly errors: readonly RowError[]
}

/** The faults of a batch, in the order of their records; made one by one, for there may be many. */
export interface Faults extends Iterable<Fault> {
  readonly size: number
}

/** Faults that are few enough to be made. */
export function faultList(faults: readonly Fault[]): Faults {
  return { size: faults.length, [Symbol.iterator]: () => faults[Symbol.iterator]() }
}

export const NO_FAULTS: Faults = faultList([])

/**
 * The currency between all parts: some rows, column by column, over one piece of linear memory. The columns are
 * replaced by transforms (each yields a new batch over the same rows); the `live` mask, the errors and the faults
 * belong to the rows and are shared by all of them.
 */
export class RecordBatch {
  readonly memory: BatchMemory
  readonly schema: Schema
  readonly columns: readonly Column[]
  readonly rows: number
  /** The address of one byte a row: 0 gone, 1 live, 3 doomed. */
  readonly live: number
  readonly origins: Origins
  readonly errors: RowErrors
  readonly faults: Faults
  readonly #release: () => void

  constructor(parts: BatchParts) {
    this.memory = parts.memory
    this.schema = parts.schema
    this.columns = parts.columns
    this.rows = parts.rows
    this.live = parts.live
    this.origins = parts.origins
    this.faults = parts.faults ?? NO_FAULTS
    this.errors = parts.errors ?? new RowErrors(this.mask)
    this.#release = parts.release ?? (() => {})
  }

  /** The mask as bytes; stale after an allocation, so ask again. */
  get mask(): Uint8Array {
    return this.memory.linear.bytes.subarray(this.live, this.live + this.rows)
  }

  /** The same rows with other columns. */
  withColumns(schema: Schema, columns: readonly Column[]): RecordBatch {
    return new RecordBatch({ ...this.#parts(), schema, columns })
  }

  /** Rows that are live or doomed: those that still flow. */
  get flowing(): number {
    return this.memory.kernels.countFlowing(this.live, this.rows)
  }

  /** Gives the memory back. The last stage calls it, once; nobody may touch the batch after that. */
  release(): void {
    this.#release()
  }

  #parts(): BatchParts {
    const { memory, rows, live, origins, errors, faults } = this
    return {
      memory,
      schema: this.schema,
      columns: this.columns,
      rows,
      live,
      origins,
      errors,
      faults,
      release: this.#release,
    }
  }
}

export interface BatchParts {
  readonly memory: BatchMemory
  readonly schema: Schema
  readonly columns: readonly Column[]
  readonly rows: number
  readonly live: number
  readonly origins: Origins
  readonly errors?: RowErrors
  readonly faults?: Faults
  readonly release?: () => void
}
