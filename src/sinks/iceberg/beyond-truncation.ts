import type { RecordBatch } from '../../records/record-batch.ts'
import { LIVE } from '../../records/span.ts'
import { FixedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'
import type { BoundPartitionField } from '../../storage/iceberg/partition-spec.ts'
import { leastTruncated } from '../../storage/iceberg/transform.ts'
import type { TableLayout } from './table-layout.ts'

export interface Beyond {
  readonly row: number
  readonly field: BoundPartitionField
}

/** The first live row that `truncate` would put into a partition whose value its type cannot hold. */
export function beyondTruncation(batch: RecordBatch, { partition, columns }: TableLayout): Beyond | undefined {
  for (const field of partition) {
    const least = leastTruncated(field.transform, field.sourceType)
    const column = batch.columns[columns.findIndex(({ id }) => id === field.sourceId)]
    if (least === undefined || !(column instanceof FixedColumn)) continue
    const row = firstBelow(least, column, batch)
    if (row !== undefined) return { row, field }
  }
  return undefined
}

function firstBelow(least: bigint, column: FixedColumn, { mask, rows, memory }: RecordBatch): number | undefined {
  const { read, bytes: stride } = valueType(column.type)
  const { bytes } = memory.linear
  for (let row = 0; row < rows; row++) {
    if (mask[row] !== LIVE || !column.validity.has(row)) continue
    if ((read(bytes, column.address + row * stride) as bigint) < least) return row
  }
  return undefined
}
