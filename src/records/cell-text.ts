import { type Column, formatCell } from './column.ts'
import { FixedColumn } from './typed-column.ts'

/** A cell as files have it and patterns see it: exactly, where a function would see a `Date`. Null for a null. */
export function cellText(column: Column, row: number): string | null {
  if (column instanceof FixedColumn) return column.text(row)
  const value = column.value(row)
  return value === null ? null : formatCell(value)
}

export function cellTexts(column: Column): readonly (string | null)[] {
  if (column instanceof FixedColumn) return Array.from({ length: column.rows }, (_, row) => column.text(row))
  return column.values().map((value) => (value === null ? null : formatCell(value)))
}
