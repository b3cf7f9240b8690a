/** A kind of test data: row `i` is a function of the seed and `i`, so files of any size need no memory. */
export interface Shape {
  readonly name: string
  readonly columns: readonly string[]
  readonly lineEnd: '\n' | '\r\n'
  /** `row` counts from 0. */
  row(row: number): ShapeRow
}

export interface ShapeRow {
  /** The record as CSV, without its line end. */
  readonly text: string
  /** What the reference job must make of it, as CSV; null when the job must reject the row. */
  readonly expected: string | null
  /** The fault that was planted; null for a valid row. */
  readonly fault: Fault | null
}

export type Fault = 'missing' | 'bad-email' | 'duplicate-id' | 'duplicate-email'
