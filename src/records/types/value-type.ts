import type { Cell } from '../column.ts'

/**
 * What the engine must know of a type whose values all take the same room. `P` is a value as it lies in memory: a number
 * or a bigint (scaled, or counted in days or microseconds), or the 32 hexadecimal digits of a UUID.
 */
export interface ValueType<P = Physical> {
  readonly bytes: 1 | 4 | 8 | 16
  /** Undefined for text of another form, and for what the type cannot hold exactly. */
  parse(text: string): P | undefined
  /** Takes what a function may have made; undefined for what is no such value. Never called with null. */
  take(cell: NonNullable<Cell>): P | undefined
  /** What a function gets to see. */
  cell(value: P): Cell
  /** Exact, and read back by `parse` as the same value. */
  text(value: P): string
  write(memory: Buffer, at: number, value: P): void
  read(memory: Buffer, at: number): P
}

export type Physical = number | bigint | string
