import { DuckDBConnection, type DuckDBValue } from '@duckdb/node-api'
import type { BatchMemory } from '../../records/batch-memory.ts'
import type { DataType } from '../../records/data-type.ts'
import type { Field } from '../../records/schema.ts'
import { type BytesColumn, FixedColumn, type TypedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'

/** A value in full, as text; null is null. */
export type Exact = string | null

/** DuckDB, which writes files and says what is in them. */
export async function duck(sql: string): Promise<readonly (readonly DuckDBValue[])[]> {
  const connection = await DuckDBConnection.create()
  try {
    return (await connection.runAndReadAll(sql)).getRows()
  } finally {
    connection.closeSync()
  }
}

/** What DuckDB reads in a file: each value as it lies in memory, so that nothing is rounded on its way into text. */
export async function exactInDuck(path: string, fields: readonly Field[]): Promise<readonly (readonly Exact[])[]> {
  const columns = fields.map(({ name, type }) => {
    const column = `"${name.replaceAll('"', '""')}"`
    return EXACT[(type as DataType).kind]?.(column) ?? column
  })
  const rows = await duck(`select ${columns.join(', ')} from '${path}'`)
  return rows.map((row) => row.map((value) => (value === null ? null : textOf(value))))
}

/** The same of our columns. */
export function exactInColumns(memory: BatchMemory, columns: readonly TypedColumn[]): readonly (readonly Exact[])[] {
  const rows = columns[0]?.rows ?? 0
  return Array.from({ length: rows }, (_, row) => columns.map((column) => exact(memory, column, row)))
}

function exact(memory: BatchMemory, column: TypedColumn, row: number): Exact {
  if (!column.validity.has(row)) return null
  if (column instanceof FixedColumn) {
    const type = valueType(column.type)
    const value = type.read(memory.linear.bytes, column.address + row * type.bytes)
    return column.type.kind === 'boolean' ? String(value === 1) : textOf(value)
  }
  const value = (column as BytesColumn).value(row)
  return typeof value === 'string'
    ? value
    : Buffer.from(value as Uint8Array)
        .toString('hex')
        .toUpperCase()
}

function textOf(value: unknown): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

const EXACT: Readonly<Partial<Record<DataType['kind'], (column: string) => string>>> = {
  date: (column) => `${column}::date - date '1970-01-01'`,
  time: (column) => `epoch_us(${column})`,
  timestamp: (column) => `epoch_us(${column})`,
  timestamptz: (column) => `epoch_us(${column})`,
  decimal: (column) => `regexp_replace(replace(${column}::varchar, '.', ''), '^(-?)0+(\\d)', '\\1\\2')`,
  uuid: (column) => `replace(${column}::varchar, '-', '')`,
  binary: (column) => `hex(${column})`,
}
