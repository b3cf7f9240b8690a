import { uuidOrdersAgree } from '../../parquet/uuid-order.ts'
import type { Field } from '../../records/schema.ts'
import { lowerBound, upperBound } from './bounds.ts'
import type { PartitionTuple } from './partition-spec.ts'
import { encodeValue, type SingleValue } from './single-value.ts'

/** Counts or bounds by the id of a column. */
export type ById<V> = Readonly<Record<string, V>>

/** A data file that a sink has written, as plain JSON. Its partition is one: no row of it belongs to another. */
export interface DataFile {
  /** Below the data folder of the run, with the folder of its partition: `region=EU/00000-0.parquet`. */
  readonly path: string
  readonly records: number
  readonly bytes: number
  /** Of the whole file, in lower-case hex. */
  readonly sha256: string
  /** Empty for a table without partitions. */
  readonly partition: PartitionTuple
  /** Bytes in the file. */
  readonly columnSizes: ById<number>
  /** Values, null and NaN among them. */
  readonly valueCounts: ById<number>
  readonly nullCounts: ById<number>
  /** Of columns of floating-point numbers. */
  readonly nanCounts: ById<number>
  /** Of `encodeBounds`. */
  readonly lowerBounds: ById<string>
  readonly upperBounds: ById<string>
  /** Where the row groups begin, ascending. */
  readonly splitOffsets: readonly number[]
}

/** What a split has staged, in `StagedPart.staged`. */
export interface StagedFiles {
  /** The columns of the rows, from which the schema of the table follows. The same in every split. */
  readonly fields: readonly Field[]
  readonly files: readonly DataFile[]
}

export interface ColumnRange {
  /** Of the column. */
  readonly id: number
  /** Iceberg's name for it, such as `long` or `decimal(9, 2)`: `WrittenColumn.type`. */
  readonly type: string
  /** Not NaN; left out for a column that is null (or NaN) everywhere. */
  readonly least?: SingleValue | undefined
  readonly greatest?: SingleValue | undefined
}

/**
 * The bounds of a data file, of at most 16 characters or bytes where they may be long. UUIDs have none where readers would
 * not agree on what lies between them.
 */
export function encodeBounds(columns: Iterable<ColumnRange>): Pick<DataFile, 'lowerBounds' | 'upperBounds'> {
  const lowerBounds: Record<string, string> = {}
  const upperBounds: Record<string, string> = {}
  for (const { id, type, least, greatest } of columns) {
    if (type === 'uuid' && least !== undefined && greatest !== undefined) {
      if (!uuidOrdersAgree(encodeValue(type, least), encodeValue(type, greatest))) continue
    }
    if (least !== undefined) lowerBounds[id] = lowerBound(type, least).toString('base64')
    const upper = greatest === undefined ? undefined : upperBound(type, greatest)
    if (upper !== undefined) upperBounds[id] = upper.toString('base64')
  }
  return { lowerBounds, upperBounds }
}
