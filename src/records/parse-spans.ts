import type { Cell } from './column.ts'
import type { DataType } from './data-type.ts'
import { nullRows } from './null-rows.ts'
import type { RecordBatch } from './record-batch.ts'
import { GONE } from './span.ts'
import type { SpanColumn } from './span-column.ts'
import { spanParser } from './span-parser.ts'
import { FixedColumn } from './typed-column.ts'
import { valueType } from './types/types.ts'
import type { Physical } from './types/value-type.ts'
import { Validity, validityBytes } from './validity.ts'

/** What becomes of a cell that no kernel decides; undefined fails the row, whose error is reported by then. */
export type DecideCell = (row: number, cell: Cell) => Physical | undefined

/**
 * Reads bytes as values of a type: the kernel those that it is sure of, `decide` all others. Nulls stay null, unless
 * `askNulls` wants them to be decided too. Cells that failed before stay failed.
 */
export function parseSpans(
  batch: RecordBatch,
  column: SpanColumn,
  type: DataType,
  decide: DecideCell,
  askNulls = false,
): FixedColumn {
  const { memory, rows } = batch
  const values = valueType(type)
  const address = memory.allocate(rows * values.bytes)
  const bits = memory.allocate(validityBytes(rows))
  const left = byKernel(batch, column, type, address, bits) ?? notNullRows(batch, column)
  const undecided = askNulls ? [...left, ...nullRows(batch, column)] : left
  const validity = new Validity(memory, bits)
  const failed = new Set(column.failed)
  // Many cells are decoded together for the price of a few.
  const cells = undecided.length * 4 > rows ? column.values() : undefined
  for (const row of undecided) {
    if (failed.has(row)) continue
    const value = decide(row, cells === undefined ? column.value(row) : (cells[row] as Cell))
    if (value === undefined) failed.add(row)
    else {
      values.write(memory.linear.bytes, address + row * values.bytes, value)
      validity.set(row)
    }
  }
  return new FixedColumn(memory, { type, rows, address, validity, failed })
}

/** The rows that the kernel leaves; undefined where there is none. */
function byKernel(
  { memory, rows, live }: RecordBatch,
  column: SpanColumn,
  type: DataType,
  out: number,
  validity: number,
): number[] | undefined {
  const parse = spanParser(type)
  if (parse === undefined) {
    memory.linear.bytes.fill(0, validity, validity + validityBytes(rows))
    return undefined
  }
  const slow = memory.allocate(rows * 4 + 4)
  const { address, stride } = column.spans()
  parse(memory.kernels, address, stride, rows, live, out, validity, slow)
  const { words } = memory.linear
  return Array.from(words.subarray((slow >>> 2) + 1, (slow >>> 2) + 1 + (words[slow >>> 2] as number)))
}

function notNullRows({ mask, rows }: RecordBatch, column: SpanColumn): number[] {
  const cells = column.values()
  const found: number[] = []
  for (let row = 0; row < rows; row++) if (mask[row] !== GONE && cells[row] !== null) found.push(row)
  return found
}
