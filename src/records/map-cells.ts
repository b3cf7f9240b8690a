import { asCell, cellError } from './cell-error.ts'
import type { Cell, Column } from './column.ts'
import { isRejection } from './column-function.ts'
import type { RecordBatch } from './record-batch.ts'
import { GONE } from './span.ts'
import { ValueColumn } from './value-column.ts'

/**
 * A column made by calling a function with the values of some columns, row by row. What it throws is the row's error, and a
 * rejection that it returns as well;
 * rows with a failed cell among the sources are skipped, and their cell fails as well.
 */
export function mapCells(
  batch: RecordBatch,
  sources: readonly Column[],
  call: (...values: Cell[]) => unknown,
  place: { readonly step: string; readonly column: string },
): ValueColumn {
  const cells: Cell[] = new Array(batch.rows).fill(null)
  const values = sources.map((source) => source.values())
  const only = values.length === 1 ? (values[0] as readonly Cell[]) : undefined
  const broken = sources.filter((source) => source.failed !== undefined)
  const failed = new Set<number>()
  const mask = batch.mask
  for (let row = 0; row < batch.rows; row++) {
    if (mask[row] === GONE) continue
    if (broken.length > 0 && broken.some((source) => source.failed?.has(row))) {
      failed.add(row)
      continue
    }
    const fail = (error: unknown) => {
      failed.add(row)
      batch.errors.add(row, cellError(error, place.step, place.column, only?.[row]))
    }
    try {
      const result = only === undefined ? call(...values.map((v) => v[row] as Cell)) : call(only[row] as Cell)
      if (isRejection(result)) fail(result)
      else cells[row] = typeof result === 'string' ? result : asCell(result)
    } catch (error) {
      fail(error)
    }
  }
  return new ValueColumn(batch.memory, cells, failed.size > 0 ? failed : undefined)
}
