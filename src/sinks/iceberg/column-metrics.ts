import { isUtf8 } from 'node:buffer'
import type { Footer } from '../../parquet/footer.ts'
import type { ColumnChunk } from '../../parquet/row-group.ts'
import { type ColumnRange, type DataFile, encodeBounds } from '../../storage/iceberg/data-file.ts'
import type { WrittenColumn } from '../../storage/iceberg/evolve-schema.ts'
import { compareValues, fromTwosComplement, kindOf, type SingleValue } from '../../storage/iceberg/single-value.ts'

type Metrics = Pick<
  DataFile,
  'columnSizes' | 'valueCounts' | 'nullCounts' | 'nanCounts' | 'lowerBounds' | 'upperBounds' | 'splitOffsets'
>

/** What manifests say of a data file, out of the statistics of its row groups: no second look at the rows. */
export function columnMetrics({ rowGroups }: Footer, columns: readonly WrittenColumn[]): Metrics {
  const chunksOf = (index: number) => rowGroups.map((group) => group.columns[index] as ColumnChunk)
  const sums = (of: (chunk: ColumnChunk) => number) =>
    Object.fromEntries(columns.map(({ id }, index) => [id, chunksOf(index).reduce((sum, chunk) => sum + of(chunk), 0)]))
  const floating = new Set(columns.filter(({ type }) => type === 'double').map(({ id }) => String(id)))
  const nans = Object.entries(sums(({ statistics }) => statistics.nans ?? 0)).filter(([id]) => floating.has(id))
  return {
    columnSizes: sums(({ compressed }) => compressed),
    valueCounts: sums(({ values }) => values),
    nullCounts: sums(({ statistics }) => statistics.nulls),
    nanCounts: Object.fromEntries(nans),
    ...encodeBounds(columns.map((column, index) => rangeOf(column, chunksOf(index)))),
    splitOffsets: rowGroups.map(({ offset }) => offset),
  }
}

function rangeOf({ id, type }: WrittenColumn, chunks: readonly ColumnChunk[]): ColumnRange {
  // Without those of one the others say nothing of the whole.
  if (chunks.some(lacksBounds)) return { id, type }
  const bounds = chunks.flatMap(({ statistics }) => statistics.bounds ?? [])
  const least = bounds.map(({ min }) => min)
  const greatest = bounds.map(({ max }) => max)
  // Text that is no UTF-8 has no order that readers agree on.
  if (kindOf(type) === 'string' && ![...least, ...greatest].every((bytes) => isUtf8(bytes))) return { id, type }
  const first = (values: readonly Uint8Array[], sign: number) =>
    values
      .map((bytes) => plainValue(type, Buffer.from(bytes)))
      .reduce<SingleValue | undefined>((best, value) => {
        return best === undefined || compareValues(value, best) * sign < 0 ? value : best
      }, undefined)
  return { id, type, least: first(least, 1), greatest: first(greatest, -1) }
}

function lacksBounds({ values, statistics: { nulls, nans = 0, bounds } }: ColumnChunk): boolean {
  return bounds === undefined && values > nulls + nans
}

/** Bounds stand PLAIN in a footer. */
function plainValue(type: string, bytes: Buffer): SingleValue {
  switch (kindOf(type)) {
    case 'boolean':
      return bytes.readUInt8()
    case 'int':
    case 'date':
      return bytes.readInt32LE()
    case 'double':
      return bytes.readDoubleLE()
    case 'decimal': {
      if (bytes.length === 4) return BigInt(bytes.readInt32LE())
      return bytes.length === 8 ? bytes.readBigInt64LE() : fromTwosComplement(bytes)
    }
    case 'uuid':
      return bytes.toString('hex')
    case 'string':
    case 'binary':
      return bytes
    default:
      return bytes.readBigInt64LE()
  }
}
