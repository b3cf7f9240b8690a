import type { Column } from '../records/column.ts'
import { nullRows } from '../records/null-rows.ts'
import type { RecordBatch } from '../records/record-batch.ts'

/** The flowing rows whose cell is null and did not fail. */
export function missingRows(batch: RecordBatch, column: Column): readonly number[] {
  const { failed } = column
  const rows = nullRows(batch, column)
  return failed === undefined ? rows : rows.filter((row) => !failed.has(row))
}
