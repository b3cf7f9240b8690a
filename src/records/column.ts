import type { Spans } from './span.ts'

/**
 * What a cell holds once somebody looks at it. Null is a missing value; so is a cell without text, unless its column is
 * typed.
 */
export type Cell = string | number | bigint | boolean | Date | Uint8Array | null

/**
 * One column of a batch, in one of four forms: spans of bytes that nobody looked at yet, values that a function made, values
 * of one type in memory, or one value for all rows. Each form yields the others on demand and remembers them. Rows that are gone
 * have undefined content.
 */
export interface Column {
  readonly rows: number
  value(row: number): Cell
  values(): readonly Cell[]
  /** The text of each cell as UTF-8, without quoting; see `text` for whether it is free of special characters. */
  spans(): Spans
  /**
   * When the spans may be written into CSV of a dialect as they are: `plain` into any, a dialect's name only into
   * this very one (quotes and doubled quotes included), undefined never.
   */
  readonly verbatim: string | undefined
  /** Rows whose cell could not be made: whatever reads it skips the row. */
  readonly failed: ReadonlySet<number> | undefined
}

/** How a value looks as text: what CSV, hashes and patterns see. Dates are ISO 8601 in UTC, bytes are Base64. */
export function formatCell(value: Cell | undefined): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return String(value)
}

/** The name in `Column.verbatim` for cells as they stand in CSV of the given delimiter and quote (bytes). */
export function verbatimDialect({ delimiter, quote }: { readonly delimiter: number; readonly quote: number }): string {
  return `csv ${delimiter} ${quote}`
}
