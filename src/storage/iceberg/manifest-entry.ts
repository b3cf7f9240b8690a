import type { ById, DataFile } from './data-file.ts'
import type { SingleValue } from './single-value.ts'

/** 0: it was there before. 1: this snapshot adds it. 2: this snapshot removes it. */
export type EntryStatus = 0 | 1 | 2

export const EXISTING: EntryStatus = 0
export const ADDED: EntryStatus = 1
export const DELETED: EntryStatus = 2

/** A file of a table as a manifest names it. */
export interface ManifestEntry {
  readonly status: EntryStatus
  readonly snapshotId: bigint | null
  /** Null: that of the manifest's snapshot, which is not known before the commit. */
  readonly sequenceNumber: bigint | null
  readonly fileSequenceNumber: bigint | null
  readonly file: TableFile
}

export interface TableFile {
  /** 0 data, 1 deletes by position, 2 deletes by equality. */
  readonly content: number
  readonly path: string
  readonly format: string
  /** In the order of the fields of its spec. */
  readonly partition: readonly (SingleValue | null)[]
  readonly records: bigint
  readonly bytes: bigint
  readonly columnSizes: Counts
  readonly valueCounts: Counts
  readonly nullCounts: Counts
  readonly nanCounts: Counts
  readonly lowerBounds: Bounds
  readonly upperBounds: Bounds
  readonly splitOffsets: readonly bigint[] | null
  readonly sortOrderId: number | null
  readonly keyMetadata: Buffer | null
}

/** By the id of the column. Null where the writer gave none. */
export type Counts = ReadonlyMap<number, bigint> | null
export type Bounds = ReadonlyMap<number, Buffer> | null

/** The entry of a file that a sink has written. */
export function addedEntry(
  file: DataFile,
  { snapshotId, folder, partition }: { snapshotId: bigint; folder: string; partition: TableFile['partition'] },
): ManifestEntry {
  return {
    status: ADDED,
    snapshotId,
    sequenceNumber: null,
    fileSequenceNumber: null,
    file: {
      content: 0,
      path: `${folder}/${file.path}`,
      format: 'PARQUET',
      partition,
      records: BigInt(file.records),
      bytes: BigInt(file.bytes),
      columnSizes: counts(file.columnSizes),
      valueCounts: counts(file.valueCounts),
      nullCounts: counts(file.nullCounts),
      nanCounts: counts(file.nanCounts),
      lowerBounds: bounds(file.lowerBounds),
      upperBounds: bounds(file.upperBounds),
      splitOffsets: file.splitOffsets.length === 0 ? null : file.splitOffsets.map(BigInt),
      sortOrderId: 0,
      keyMetadata: null,
    },
  }
}

function counts(byId: ById<number>): Counts {
  return mapOf(byId, BigInt)
}

function bounds(byId: ById<string>): Bounds {
  return mapOf(byId, (text) => Buffer.from(text, 'base64'))
}

function mapOf<V, W>(byId: ById<V>, turn: (value: V) => W): ReadonlyMap<number, W> | null {
  const entries = Object.entries(byId)
  return entries.length === 0 ? null : new Map(entries.map(([id, value]) => [Number(id), turn(value)]))
}
