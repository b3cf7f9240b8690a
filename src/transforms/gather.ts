import type { RunContext } from '../context.ts'
import type { TypeName } from '../records/data-type.ts'

/**
 * A step that needs all rows at once, such as a query. The steps before it run split by split, and what comes out is
 * staged in scratch; what it makes of that is the input of the steps behind. So it stands between two rounds of a run.
 */
export interface GatherStep {
  /** The verb: in reports, and as the source of the rows that it makes. */
  readonly name: string
  readonly effect: 'gather'
  /** Part of the job's fingerprint. */
  readonly description: Readonly<Record<string, unknown>>
  /** Other sources, which are staged as tables beside the rows of the job. The lifecycle looks whether they are any. */
  readonly inputs: Readonly<Record<string, unknown>>
  /**
   * Called once. Reads the tables, of which the first is `input`, and writes a file of Parquet to `output`. Resolves to
   * how many rows the tables had, as it counted them. `context.scratch` is a directory of its own. Nothing is at work any
   * more when it ends or throws.
   */
  gather(tables: readonly StagedTable[], output: string, context: RunContext): Promise<number>
}

/** Rows that were staged for a gathering step: files of Parquet in scratch, at least one. */
export interface StagedTable {
  readonly name: string
  readonly files: readonly string[]
  /** What columns are which hold no value in some of the files, and stand there as text. */
  readonly types: Readonly<Record<string, TypeName>>
}

/** The name of the table that holds the rows of the job. */
export const INPUT = 'input'
