import type { RecordBatch } from '../records/record-batch.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import { LIVE } from '../records/span.ts'
import type { RuleOptions } from './rule.ts'
import { selects } from './where.ts'

/** The live rows of a batch that a rule on all rows looks at: those that its `where` selects, or all. */
export function observedRows(batch: RecordBatch, { where }: RuleOptions<never>, id: string): Uint32Array {
  const { mask } = batch
  const observed = new Uint32Array(batch.rows)
  const rows = where === undefined ? undefined : rowsOf(batch)
  let count = 0
  for (let row = 0; row < batch.rows; row++) {
    if (mask[row] !== LIVE) continue
    if (rows === undefined || selects(where as (row: Row) => boolean, rows(row), id)) observed[count++] = row
  }
  return observed.subarray(0, count)
}
