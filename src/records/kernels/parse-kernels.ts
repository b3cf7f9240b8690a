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
  parseIntegers(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
    width: number,
    digits: number,
  ): void
  /**
   * Decimals of 8 bytes, or of 16 with a precision above 18: up to 18 digits, without leading zeros before the point, and
   * up to 18 decimals fewer than `scale`.
   */
  parseDecimals(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
    precision: number,
    scale: number,
  ): void
  /** Doubles: up to 15 digits, times a power of ten between 10^-22 and 10^22. */
  parseFloats(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
  ): void
  parseBooleans(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
  ): void
  parseDates(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
  ): void
  /** Microseconds since midnight. */
  parseTimes(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
  ): void
  parseUuids(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
  ): void
  /** Microseconds; with `zoned` (1 or 0) text may name a zone. */
  parseTimestamps(
    spans: number,
    stride: number,
    rows: number,
    live: number,
    out: number,
    validity: number,
    slow: number,
    zoned: number,
  ): void
}
