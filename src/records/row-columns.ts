import { asCell } from './cell-error.ts'
import type { Cell } from './column.ts'
import type { Schema } from './schema.ts'

/**
 * Takes plain objects apart into cells by column. The columns are fixed; a row may lack some of them (null), but one
 * with a column of its own is refused, for it would lose it.
 */
export class RowColumns {
  readonly cells: readonly Cell[][]
  readonly #schema: Schema

  constructor(schema: Schema, rows: number) {
    this.#schema = schema
    this.cells = schema.columns.map(() => new Array(rows).fill(null))
  }

  /** Throws TypeError, with the column in its message, for what no cell can hold and for unknown columns. */
  set(index: number, row: Readonly<Record<string, unknown>>): void {
    const { columns, indexOf } = this.#schema
    let known = 0
    for (let at = 0; at < columns.length; at++) {
      const name = columns[at] as string
      const value = row[name]
      if (value === undefined) continue
      known++
      ;(this.cells[at] as Cell[])[index] = typeof value === 'string' ? value : cellOf(value, name)
    }
    let keys = 0
    for (const key in row) if (row[key] !== undefined) keys++
    if (keys === known) return
    const extra = Object.keys(row).find((key) => !indexOf.has(key))
    throw new TypeError(`the row has a column "${extra}" that the first one had not; name all \`columns\``)
  }
}

function cellOf(value: unknown, name: string): Cell {
  try {
    return asCell(value)
  } catch (error) {
    throw new TypeError(`column "${name}": ${(error as Error).message}`)
  }
}
