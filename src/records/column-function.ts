import type { Cell } from './column.ts'
import type { DataType } from './data-type.ts'
import type { Kernels } from './kernels/kernels.ts'

/**
 * A function on the value of one cell. It may also carry a byte kernel, which does the same for cells whose
 * bytes are simple; the function decides all others. A property test per kernel proves the two equal.
 */
export type ColumnFunction<I = Cell, O = Cell> = ((value: I) => O) & {
  readonly kernel?: SpanKernel
  /** The same function, but it returns the rejection that the other throws: a throw costs more than the row. */
  readonly settle?: (value: I) => O | Rejection
  /** The type of what it returns, if it is always the same. */
  readonly returns?: DataType
  /** What it does, with its options: for the fingerprint of a run, as the source text of a closure tells no options. */
  readonly description?: Readonly<Record<string, unknown>>
}

/** What tells a function from others, for the fingerprint of a run. */
export function describeFunction(fn: unknown): unknown {
  return (fn as ColumnFunction).description ?? String(fn)
}

/** The bytes-in, bytes-out twin of a column function. */
export interface SpanKernel {
  /** Constant bytes that the kernel works by; the engine puts them into linear memory once, at `call.table`. */
  readonly table?: Uint8Array
  /** An upper bound of the bytes that `run` appends to the arena for `rows` cells of `inputBytes` bytes in all. */
  capacity(inputBytes: number, rows: number): number
  /**
   * Writes one span for every row whose live byte is not 0, appends the bytes to the arena, and lists in `call.slow`
   * the rows that the function must decide: their number in the first word, then their indices, ascending.
   * What it writes needs no quoting in any CSV dialect. Returns the address behind the last byte appended.
   */
  run(kernels: Kernels, call: SpanKernelCall): number
}

/** Addresses in linear memory; see `span.ts` for the layout of spans. */
export interface SpanKernelCall {
  readonly spans: number
  readonly stride: number
  readonly rows: number
  /** One byte a row. */
  readonly live: number
  /** Output: 8 bytes a row, written at `out + 8 * row`. */
  readonly out: number
  readonly arena: number
  /** The kernel's own `table`, or 0. */
  readonly table: number
  /** Output: room for `rows + 1` words. */
  readonly slow: number
}

/** What `throw reject(code, message)` throws: it ends up as the row's error, with the code that the user chose. */
export class Rejection extends Error {
  override readonly name: string = 'Rejection'
  readonly code: string
  /** Marks rejections of every copy of this package. */
  readonly isSluiceRejection: true = true

  constructor(code: string, message: string) {
    // A rejection is data, not a fault of the program: a stack trace for each bad row would cost more than the row.
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = limit
    this.code = code
  }
}

/**
 * Makes the error that a column function or `mapRows` throws to reject a row with a code of its own.
 * Any other error rejects the row as `transform-error`.
 */
export function reject(code: string, message: string): Rejection {
  return new Rejection(code, message)
}

/** True also for a rejection made by another copy of this package. */
export function isRejection(error: unknown): error is Rejection {
  return typeof error === 'object' && error !== null && 'isSluiceRejection' in error
}
