/** What all of them are told: a column, and where to write. Some are told more of the type. */
export type ParseCells<More extends readonly number[] = []> = (
  spans: number,
  stride: number,
  rows: number,
  live: number,
  out: number,
  validity: number,
  slow: number,
  ...more: More
) => void

/** The kernels that make values of text. All arguments are byte addresses or counts; see `Kernels`. */
export interface ParseKernels {
  /**
   * `parse…` read the cells of a column as values of a type (see `types/`): they write each value at `out`, set its bit at
   * `validity` (see `validity.ts`, all bits of the rows are cleared first), and list in `slow` the cells they do not
   * decide, in the order of the rows. Nulls and rows that are gone stay without a value. What they decide is what `parse`
   * of the type says.
   *
   * Integers of `width` bytes (4 or 8): a sign and up to `digits` digits, at most 18.
   */
  readonly parseIntegers: ParseCells<[width: number, digits: number]>
  /**
   * Decimals of 8 bytes, or of 16 with a precision above 18: up to 18 digits, without leading zeros before the point, and
   * up to 18 decimals fewer than `scale`.
   */
  readonly parseDecimals: ParseCells<[precision: number, scale: number]>
  /** Doubles: up to 15 digits, times a power of ten between 10^-22 and 10^22. */
  readonly parseFloats: ParseCells
  readonly parseBooleans: ParseCells
  readonly parseDates: ParseCells
  /** Microseconds since midnight. */
  readonly parseTimes: ParseCells
  readonly parseUuids: ParseCells
  /** Microseconds; with `zoned` (1 or 0) text may name a zone. */
  readonly parseTimestamps: ParseCells<[zoned: number]>
}
