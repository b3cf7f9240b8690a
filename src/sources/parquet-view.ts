import type { ReadProblem } from '../parquet/read-fill.ts'
import type { RowGroupPart } from '../parquet/read-row-group.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import type { Field } from '../records/schema.ts'

/** The rows of a file in columns that are not its own: those of the table that it belongs to. */
export interface ParquetView {
  readonly fields: readonly Field[]
  show(memory: BatchMemory, part: RowGroupPart): ShownRows
}

export interface ShownRows extends RowGroupPart {
  /** Rows that nobody asked for, ascending. They have no problems. */
  readonly dropped: readonly number[]
  readonly problems: readonly ReadProblem[]
}
