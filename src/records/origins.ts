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
  /** Valid as long as the batch; `detach` makes it outlive that. */
  record(row: number): SourceRecord
}

/** Where a good record lies in linear memory while its batch does: its bytes, and the spans of its cells. */
export interface RecordPlace {
  readonly start: number
  readonly end: number
  readonly cells: number
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
  readonly place?: RecordPlace | undefined
  /** One of the values, where that is cheaper than all. */
  cell?(column: string): string | null | undefined
  /** The cells before any transform, by column name; whatever cells a faulty record has. */
  readonly values: Readonly<Record<string, string | null>>
}

/** One cell before any transform; undefined when the record has no such column. */
export function cellOf(record: SourceRecord, column: string): string | null | undefined {
  return record.cell === undefined ? record.values[column] : record.cell(column)
}

/** A copy of all that the record knows, for when its batch is gone. */
export function detach({ ordinal, line, byteOffset, byteLength, raw, values }: SourceRecord): SourceRecord {
  return { ordinal, line, byteOffset, byteLength, raw, values }
}
