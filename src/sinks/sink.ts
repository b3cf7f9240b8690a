import type { RunContext } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import type { NumberList } from '../storage/number-file.ts'
import type { StagedPart, Target, TargetPlan } from '../storage/target.ts'

/**
 * A noun that stages rows in some format. Where the bytes lie and how they become visible is its target's business,
 * which needs only JSON: the lifecycle commits and recovers through the target alone.
 */
// biome-ignore lint/suspicious/noExplicitAny: a sink without a schema takes rows of any shape
export interface Sink<T = any> {
  /** Carries the row type; never there at run time. */
  readonly accepts?: (row: T) => void
  /** Part of the job's fingerprint and of the audit trail, without secrets. */
  readonly description: Readonly<Record<string, unknown>>
  /** Where the bytes become visible; the lifecycle plans, commits and recovers through it. */
  readonly target: Target
  /** What the target plans with. */
  readonly location: string
  readonly adopt: boolean
  readonly keepVersions?: boolean
  /** Of the files in a directory, with its dot. */
  readonly extension: string
  /** Called once a split. */
  stage(plan: TargetPlan, split: number, resources: WriteResources): Promise<Staging>
  /** Takes rows out of a sealed part; `drops` are ordinals, ascending. Only for parts staged with `keepIndex`. */
  cut(part: SealedPart, drops: NumberList, resources: WriteResources): Promise<SealedPart>
  /**
   * What the target is to assemble: more files than splits, or another part that ties those of all splits together.
   * Called once, when no part will change any more. Without it the parts are assembled as they are.
   */
  complete?(plan: TargetPlan, parts: readonly SealedPart[], resources: WriteResources): Promise<readonly StagedPart[]>
}

/** One split being written where no reader can see. */
export interface Staging {
  /** Writes the live rows; the promise is the backpressure. The caller releases the batch. */
  write(batch: RecordBatch): Promise<void>
  /** Makes everything durable. After it only the medium can fail a commit, never the data. */
  seal(): Promise<SealedPart>
  /** Gives handles back, sealed or not; what is on the medium belongs to commit and abort. */
  close(): Promise<void>
}

export interface SealedPart extends StagedPart {
  readonly columns: readonly string[]
  /** Those of them that the target did not take. */
  readonly discarded?: readonly string[]
  /** Where each row lies in the part: a file in scratch, for `cut`. */
  readonly index?: string
  /** False when the rows are not in the order of their records. */
  readonly ordered?: boolean
}

export interface WriteResources {
  readonly context: RunContext
  readonly pool: BatchPool
  readonly io: ByteIo
  /** True when rows may have to be taken out again. */
  readonly keepIndex: boolean
}
