/** What RFC 4180 does not know: then records are read byte by byte, never by the kernel. */
export interface OtherDialect {
  readonly delimiter: Uint8Array
  /** The byte that makes a quote (or itself) part of a quoted cell. */
  readonly escape: number
  /** Lines that begin with these bytes are no records. */
  readonly comment: Uint8Array | undefined
}

/** The bytes by which a text is scanned; `quote` is -1 when quoting is off. */
export interface CsvBytes {
  readonly delimiter: number
  readonly quote: number
  /** Present for dialects that the kernel does not know. */
  readonly other?: OtherDialect
}

export type ParsedRecord =
  /** Pairs of words as spans have them, relative to the buffer; at `end` stands the line end. */
  | { readonly kind: 'record'; readonly cells: readonly number[]; readonly end: number }
  | { readonly kind: 'quote-error'; readonly column: number }
  /** The record does not end before `end`. */
  | { readonly kind: 'open'; readonly quoted: boolean }
