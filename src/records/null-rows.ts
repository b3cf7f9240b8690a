import type { Column } from './column.ts'
import type { RecordBatch } from './record-batch.ts'
import { GONE } from './span.ts'
import { SpanColumn } from './span-column.ts'
import { isTyped } from './typed-column.ts'

/**
 * The rows that still flow and are null in a column, ascending. No value is made to see that: in text it is a span of no
 * bytes, in typed columns a bit.
 */
export function nullRows(batch: RecordBatch, column: Column): readonly number[] {
  if (column instanceof SpanColumn) return emptySpans(batch, column)
  const isNull = isTyped(column) ? (row: number) => !column.validity.has(row) : holdsNull(column)
  const { mask, rows } = batch
  const found: number[] = []
  for (let row = 0; row < rows; row++) if (mask[row] !== GONE && isNull(row)) found.push(row)
  return found
}

function emptySpans({ memory, rows, live }: RecordBatch, column: SpanColumn): readonly number[] {
  const out = memory.allocate(rows * 4 + 4)
  const { address, stride } = column.spans()
  memory.kernels.findNulls(address, stride, rows, live, out)
  const { words } = memory.linear
  const at = (out >>> 2) + 1
  return Array.from(words.subarray(at, at + (words[out >>> 2] as number)))
}

function holdsNull(column: Column): (row: number) => boolean {
  const values = column.values()
  return (row) => values[row] === null
}
