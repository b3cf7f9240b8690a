import type { IcebergSchema } from './iceberg-schema.ts'
import type { NotedBookmark } from './noted-bookmark.ts'
import type { PartitionSpec } from './partition-spec.ts'

/**
 * `append` adds rows; `overwrite` replaces all rows of the table; `create` makes a table that must not be there;
 * `createOrReplace` makes it, or replaces its rows, columns and partitions.
 */
export type WriteMode = 'append' | 'overwrite' | 'create' | 'createOrReplace'

/** What a table was when a run began. Undefined properties are those of no snapshot. */
export interface TableBase {
  readonly uuid: string
  /** Of the branch; a bigint as text. */
  readonly snapshotId: string | null
  readonly schemaId: number
  readonly specId: number
}

/** One snapshot that is to come, as plain JSON: another process can commit it, or find out that it was committed. */
export interface TableCommit {
  readonly mode: WriteMode
  readonly branch: string
  readonly runId: string
  readonly job: string
  /** A bigint as text. Fixed before the first attempt, so that every attempt knows its own success. */
  readonly snapshotId: string
  /** Null: there was no table. */
  readonly base: TableBase | null
  /** Of the table that is to be made, when there was none. */
  readonly create: {
    readonly uuid: string
    readonly location: string
    /** The catalog made it already, empty. */
    readonly created: boolean
  } | null
  /** What the rows were written in. */
  readonly schema: IcebergSchema
  readonly lastColumnId: number
  readonly spec: PartitionSpec
  /** The folder for files of metadata that are this run's alone. */
  readonly folder: string
  /** Of the files that it adds. Null when there are none. */
  readonly manifest: { readonly path: string; readonly length: number } | null
  /** Properties of the table that change in the same commit, such as a bookmark. */
  readonly properties: Readonly<Record<string, string>>
  /** Among the properties. */
  readonly bookmark: NotedBookmark | null
}

/** In the summary of a snapshot. */
export const RUN_ID = 'sluice.run-id'

/** The property that holds the last run of a job: it stays when snapshots expire. */
export function lastRunProperty(job: string): string {
  return `sluice.last-run.${job}`
}
