import type { RunContext } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Shape } from '../records/shape.ts'
import type { Bookmark } from '../storage/bookmark.ts'
import type { ByteIo } from '../storage/byte-io.ts'

/**
 * A noun that reads. The lifecycle calls `plan` once, `read` once a split (again when a split is re-run), and
 * `reread` for records that are rejected after their split was read.
 */
export interface Source<T extends Shape = Shape> {
  /** Carries the row type; never there at run time. */
  readonly rowType?: T
  /** What was asked for, without secrets: part of the job's fingerprint and of the audit trail. */
  readonly description: Readonly<Record<string, unknown>>
  /** How dead letters can be parsed again, but for the columns. */
  readonly format: Readonly<Record<string, unknown>>
  /** Of a source that reads only what is new: the name by which the target keeps how far it was read. */
  readonly resumes?: string | undefined
  /**
   * Names the splits, from the input alone. Opens nothing for long. `last` is the position of the bookmark that the target
   * has of this job, for a source that resumes. Throws `source-not-found`.
   */
  plan(context: RunContext, last?: string): Promise<SourcePlan>
  /**
   * Reads one split, batch after batch. The first batch comes even without rows, for it brings the schema. Waits
   * for memory from the pool; every batch's `release` gives it back. Closes its handles when stopped early.
   */
  read(split: Split, resources: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void>
  /**
   * Yields the given records (ascending ordinals within the split) as they were, for dead letters: those that were
   * read together at a time, each valid until the next is asked for. An ordinal is asked for only when the record
   * before it has been taken.
   */
  reread(
    split: Split,
    end: SplitEnd,
    ordinals: Iterable<number>,
    resources: ReadResources,
  ): AsyncIterable<Iterable<SourceRecord>>
  /** Throws `source-changed` when the input is not what it was at plan. */
  verify(plan: SourcePlan, context: RunContext): Promise<void>
}

export interface SourcePlan {
  readonly splits: readonly Split[]
  /** Total bytes, where known before reading: for progress. */
  readonly bytes: number | undefined
  readonly inputs: readonly InputIdentity[]
  /** What the inputs do not tell of themselves, such as the columns of their table. */
  readonly version?: string
  /** What the target is to note when the rows are committed. */
  readonly bookmark?: Bookmark
}

/** A part of the input that is read on its own. Plain JSON. */
export interface Split {
  readonly index: number
  /** The name of the input as people know it. */
  readonly source: string
  /** Of a local file. */
  readonly path?: string
  readonly bytes?: number
  /** Of an object of S3, whose address `source` is. */
  readonly etag?: string
  /** Columns that are never null in this input, but may be in another one of the source. */
  readonly nullable?: readonly string[]
}

/**
 * What an input was at plan. One of which nothing but the name is known, such as a pipe, may be another one each time:
 * a run that reads it is never taken for the repetition of another.
 */
export interface InputIdentity {
  readonly source: string
  readonly bytes?: number
  /** Nanoseconds since the epoch, as a decimal string. */
  readonly mtimeNs?: string
  /** Device and inode. */
  readonly file?: string
  /** Of an object of S3. */
  readonly etag?: string
}

/** What a split turned out to be. Plain JSON; numbers count within the split. */
export interface SplitEnd {
  readonly records: number
  /** Records that were read only to see that nobody asked for them. */
  readonly filtered?: number
  readonly lines: number
  readonly bytes: number
  /** Of the bytes consumed, in hexadecimal; absent for sources that are not bytes. */
  readonly sha256?: string
  readonly columns: readonly string[]
  /** A file in scratch for `reread`: the text, when the split cannot be read twice. */
  readonly spool?: string
  /** A file in scratch for `reread`: where batches start. */
  readonly index?: string
}

export interface ReadResources {
  readonly context: RunContext
  readonly pool: BatchPool
  readonly io: ByteIo
  /** True when `reread` may be called: what cannot be read twice must be kept. */
  readonly keep: boolean
}
