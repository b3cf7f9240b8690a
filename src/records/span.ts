/**
 * A span is two 32-bit words: the address of a cell's first byte and the address behind its last one. The upper
 * two bits of the second word are flags, so linear memory is limited to 1 GiB.
 *
 * - A span covers the content alone: for a quoted cell the quotes stand at `start - 1` and at `end`.
 * - `ESCAPED` cells hold doubled quotes; their bytes are not their value, and kernels leave them alone.
 * - A cell of no bytes is null.
 */
export const QUOTED = 0x8000_0000
export const ESCAPED = 0x4000_0000
export const ADDRESS = 0x3fff_ffff

/**
 * A column of spans: the span of row `r` is at `address + r * stride` (bytes). A stride of 0 repeats one cell,
 * a stride of 8 is a derived column, a raw column has 8 × the number of the source's columns.
 */
export interface Spans {
  readonly address: number
  readonly stride: number
}

/** What a row's byte in the `live` mask says. Kernels treat every value but `GONE` as a row to work on. */
export const GONE = 0
export const LIVE = 1
/** Still flowing so that all its errors are found, but certain to be rejected. */
export const DOOMED = 3
