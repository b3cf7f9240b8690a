/** Where the rows of a batch come from, and what they looked like there. Asked for rejected rows only. */
export interface Origins {
  /** The name of the input, as people know it: a path or an address. */
  readonly source: string
  /** The columns that its records have, before any transform. */
  readonly columns: readonly string[]
  /** The row's data record in its split, counted from 0: what the row is known by until the judge has seen all. */
  ordinal(row: number): number
  /** Ordinals are `first + row` when this is defined. */
  readonly consecutiveFrom: number | undefined
  /** Complete in itself: it outlives the batch. */
  record(row: number): SourceRecord
}

/** One record as the source had it, numbered within its split. */
export interface SourceRecord {
  /** Counted from 0. */
  readonly ordinal: number
  /** The 1-based physical line in the split's input where the record starts. */
  readonly line: number
  readonly byteOffset: number
  readonly byteLength: number
  /** The bytes of the record, without its line end. */
  readonly raw: Buffer
  /** The same as text, where somebody knows it already. */
  readonly text?: string
  /** The cells before any transform, by column name; whatever cells a faulty record has. */
  readonly values: Readonly<Record<string, string | null>>
}
