import { SluiceError } from '../../errors.ts'
import { schemaOf } from '../../records/schema.ts'
import type { RowForm } from '../row-batches.ts'
import { rowJson } from '../row-record.ts'

export interface RowFormOptions {
  /** Named columns are picked; others of the API may come and go. Undefined: those of the first rows. */
  readonly columns: readonly string[] | undefined
  readonly nested: 'json' | 'reject'
}

/** How objects of an API become rows: fields that a row lacks are null, and what is nested becomes JSON. */
export function apiRowForm({ columns, nested }: RowFormOptions): RowForm {
  return {
    schema: (first) => schemaOf(columns ?? namesOf(first)),
    cells: (row, schema) => {
      if (Array.isArray(row)) throw new TypeError('the row is an array, no object')
      if (columns === undefined) refuseOthers(row, schema.indexOf)
      return Object.fromEntries(schema.columns.map((name) => [name, cellOf(row, name, nested)]))
    },
  }
}

/** All that the rows have. Rows of nothing would be loaded as if they were none. */
function namesOf(rows: readonly unknown[]): readonly string[] {
  const objects = rows.filter((row) => typeof row === 'object' && row !== null && !Array.isArray(row))
  const names = [...new Set(objects.flatMap((row) => Object.keys(row as object)))]
  if (names.length > 0 || objects.length === 0) return names
  const fix = 'Check `rows`, and what the credentials permit to see; or name the `columns`.'
  throw new SluiceError('source-failed', `The API sends rows without a single field. ${fix}`)
}

/** A field that the first rows did not have would be lost. */
function refuseOthers(row: object, known: ReadonlyMap<string, number>): void {
  const other = Object.keys(row).find((name) => !known.has(name))
  if (other === undefined) return
  throw new TypeError(`the row has a column "${other}" that the first rows had not; name all \`columns\``)
}

function cellOf(row: object, name: string, nested: 'json' | 'reject'): unknown {
  const value = Object.hasOwn(row, name) ? (row as Record<string, unknown>)[name] : undefined
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (nested === 'json') return rowJson(value)
  const what = Array.isArray(value) ? 'an array' : 'an object'
  throw new TypeError(
    `column "${name}": it holds ${what}; take it apart by a function \`rows\`, or leave out \`nested\``,
  )
}
