import type { Cell, Column } from './column.ts'
import type { DataType } from './data-type.ts'
import { isBeyondNumbers, readNumber } from './read-value.ts'
import { FixedColumn } from './typed-column.ts'
import { valueType } from './types/types.ts'

/**
 * The cells of a column in a form that a type takes exactly or not at all. Undefined for what it cannot hold, though its
 * nearest value would pass.
 */
export function exactCells(column: Column, to: DataType): readonly (Cell | undefined)[] {
  if (column instanceof FixedColumn && BY_TEXT.has(column.type.kind)) {
    const { type } = column
    return Array.from({ length: column.rows }, (_, row) => {
      const text = column.text(row)
      return text === null ? null : fromText(type, to, text)
    })
  }
  if (to.kind !== 'float64') return column.values()
  return column.values().map((cell) => (typeof cell === 'string' ? exactNumber(cell) : cell))
}

/** A finite number; undefined too for a whole one beyond 2^53, where a double may be another than was meant. */
export function exactNumber(text: string): number | undefined {
  return isBeyondNumbers(text) ? undefined : readNumber(text)
}

/** What functions see of these types leaves something out, or is text. */
const BY_TEXT: ReadonlySet<string> = new Set(['decimal', 'time', 'timestamp', 'timestamptz', 'date', 'uuid'])

function fromText(from: DataType, to: DataType, text: string): Cell | undefined {
  if (from.kind === 'decimal' && (to.kind === 'int32' || to.kind === 'int64')) return text.replace(/\.0*$/, '')
  if (from.kind === 'timestamp' && to.kind === 'date') return text.replace(/T00:00:00$/, '')
  if (from.kind === 'decimal' && to.kind === 'float64') {
    const decimal = valueType(from)
    const number = Number(text)
    const same = decimal.take(number)
    return same !== undefined && decimal.text(same) === text ? number : undefined
  }
  return text
}
