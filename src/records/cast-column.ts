import { castFault } from './cast-fault.ts'
import { cellTexts } from './cell-text.ts'
import { type Cell, type Column, formatCell } from './column.ts'
import { type DataType, isSafeInteger, sameType } from './data-type.ts'
import { exactCells, exactNumber } from './exact-cells.ts'
import { parseSpans } from './parse-spans.ts'
import type { RecordBatch } from './record-batch.ts'
import { GONE } from './span.ts'
import { SpanColumn } from './span-column.ts'
import { isTyped } from './typed-column.ts'
import { typedValues } from './typed-values.ts'
import { isBytes, valueType } from './types/types.ts'

/** Where a cast stands in a job. */
export interface CastPlace {
  readonly step: string
  readonly column: string
  /** What messages call the type; default its own name. */
  readonly typeName?: string
}

/**
 * A column of values of a type. Bytes become values without an object for each; what the type cannot hold exactly is the
 * row's `type-error`. Nulls stay null, and cells that failed before stay failed. Bytes cast to text stay as they are.
 */
export function castColumn(batch: RecordBatch, column: Column, type: DataType, place: CastPlace): Column {
  if (isTyped(column) && sameType(column.type, type) && isSafeInteger(column.type) === isSafeInteger(type))
    return column
  if (!(column instanceof SpanColumn)) return castValues(batch, column, type, place)
  if (type.kind === 'string') return column
  if (isBytes(type)) return castValues(batch, column, type, place)
  const { parse } = valueType(type)
  const read = type.kind === 'float64' ? exactNumber : parse
  return parseSpans(batch, column, type, (row, cell) => {
    const value = read(cell as string)
    if (value === undefined) refuse(batch, row, cell, type, place)
    return value
  })
}

function castValues(batch: RecordBatch, column: Column, type: DataType, place: CastPlace): Column {
  const { mask } = batch
  const failed = new Set(column.failed)
  const fail = (row: number) => {
    if (mask[row] === GONE || failed.has(row)) return
    failed.add(row)
    refuse(batch, row, column.value(row), type, place)
  }
  const cells = type.kind === 'string' ? cellTexts(column) : exactCells(column, type)
  cells.forEach((cell, row) => {
    if (cell === undefined) fail(row)
  })
  return typedValues(batch.memory, type, cells, fail, failed)
}

function refuse(batch: RecordBatch, row: number, value: Cell, type: DataType, place: CastPlace): void {
  const { step, column, typeName } = place
  const { what, instead } = castFault(type, formatCell(value), typeName)
  const message = `The value ${what}${instead === undefined ? '' : `: cast it to ${instead}`}.`
  batch.errors.add(row, { code: 'type-error', message, rule: step, transform: true, column, value })
}
