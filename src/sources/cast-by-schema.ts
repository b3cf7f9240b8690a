import { cellError } from '../records/cell-error.ts'
import type { Cell, Column } from '../records/column.ts'
import type { DataType } from '../records/data-type.ts'
import { mapCells } from '../records/map-cells.ts'
import { nullRows } from '../records/null-rows.ts'
import { parseSpans } from '../records/parse-spans.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { SpanColumn } from '../records/span-column.ts'
import { isTyped, type TypedColumn, withFailed } from '../records/typed-column.ts'
import { typedValues } from '../records/typed-values.ts'
import { valueType } from '../records/types/types.ts'
import type { SchemaCell } from './schema-cell.ts'

/**
 * A column as a schema wants it. Where the schema asks for nothing but a type, kernels read the bytes, and zod sees the cells
 * that they leave; else it sees them all.
 */
export function castBySchema(batch: RecordBatch, column: Column, schema: SchemaCell): Column {
  const { type, plain } = schema.column
  if (isTyped(column) && schema.column.keeps(column.type)) return kept(batch, column, schema)
  if (type === undefined) return bySchema(batch, column, schema)
  if (plain && column instanceof SpanColumn) {
    if (type.kind !== 'string') return byKernel(batch, column, schema, type)
    if (takesNull(schema) || nullRows(batch, column).length === 0) return column
  }
  const made = bySchema(batch, column, schema)
  return type.kind === 'string' ? made : typed(batch, column, made, schema, type)
}

/** The column itself, once zod has seen its values: a function sees less of some, such as microseconds. */
function kept(batch: RecordBatch, column: TypedColumn, schema: SchemaCell): Column {
  // A double may be NaN, which zod refuses.
  const sure = schema.column.plain && column.type.kind !== 'float64'
  if (sure && (takesNull(schema) || nullRows(batch, column).length === 0)) return column
  const { failed } = bySchema(batch, column, schema)
  return failed === undefined ? column : withFailed(batch.memory, column, failed)
}

/** Zod takes a missing value as it is. */
function takesNull({ column: { absent, nullable } }: SchemaCell): boolean {
  return absent || nullable
}

function bySchema(batch: RecordBatch, column: Column, schema: SchemaCell): Column {
  return mapCells(batch, [column], (cell) => schema.read(cell), placeOf(schema))
}

function byKernel(batch: RecordBatch, column: SpanColumn, schema: SchemaCell, type: DataType): Column {
  const values = valueType(type)
  const decide = (row: number, cell: Cell) => {
    try {
      const value = values.take(schema.read(cell) as NonNullable<Cell>)
      if (value === undefined) throw schema.refusal(type, cell)
      return value
    } catch (error) {
      fail(batch, row, error, schema, cell)
      return undefined
    }
  }
  return parseSpans(batch, column, type, decide, !takesNull(schema))
}

/** What zod made, in a column of its type. */
function typed(batch: RecordBatch, source: Column, made: Column, schema: SchemaCell, type: DataType): Column {
  const failed = new Set(made.failed)
  const refuse = (row: number) => {
    failed.add(row)
    fail(batch, row, schema.refusal(type, made.value(row)), schema, source.value(row))
  }
  return typedValues(batch.memory, type, made.values(), refuse, failed)
}

function fail(batch: RecordBatch, row: number, error: unknown, schema: SchemaCell, cell: Cell): void {
  const { step, column } = placeOf(schema)
  batch.errors.add(row, cellError(error, step, column, cell))
}

function placeOf({ field }: SchemaCell): { readonly step: string; readonly column: string } {
  return { step: 'schema', column: field.name }
}
