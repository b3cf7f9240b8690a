import type { BatchMemory } from './batch-memory.ts'
import { type Cell, type Column, formatCell } from './column.ts'
import type { Spans } from './span.ts'

/** A column of values that a function made. */
export class ValueColumn implements Column {
  readonly failed: ReadonlySet<number> | undefined
  readonly #memory: BatchMemory
  readonly #values: readonly Cell[]
  #encoded: { readonly spans: Spans; readonly plain: boolean } | undefined

  constructor(memory: BatchMemory, values: readonly Cell[], failed?: ReadonlySet<number>) {
    this.#memory = memory
    this.#values = values
    this.failed = failed
  }

  get rows(): number {
    return this.#values.length
  }

  get verbatim(): string | undefined {
    return this.#encode().plain ? 'plain' : undefined
  }

  value(row: number): Cell {
    return this.#values[row] ?? null
  }

  values(): readonly Cell[] {
    return this.#values
  }

  spans(): Spans {
    return this.#encode().spans
  }

  #encode(): { readonly spans: Spans; readonly plain: boolean } {
    this.#encoded ??= encodeCells(this.#memory, this.#values)
    return this.#encoded
  }
}

/** One value for all rows: its one span is repeated by a stride of 0. */
export class ConstantColumn implements Column {
  readonly rows: number
  readonly failed = undefined
  readonly #value: Cell
  readonly #encoded: { readonly spans: Spans; readonly plain: boolean }

  constructor(memory: BatchMemory, value: Cell, rows: number) {
    this.rows = rows
    this.#value = value
    const encoded = encodeCells(memory, [value])
    this.#encoded = { spans: { address: encoded.spans.address, stride: 0 }, plain: encoded.plain }
  }

  get verbatim(): string | undefined {
    return this.#encoded.plain ? 'plain' : undefined
  }

  value(): Cell {
    return this.#value
  }

  values(): readonly Cell[] {
    return new Array(this.rows).fill(this.#value)
  }

  spans(): Spans {
    return this.#encoded.spans
  }
}

/** Anything but this may mean something in some dialect of CSV. */
const SPECIAL = /[^\p{L}\p{N} +\-.@_:()/]/u

/**
 * Writes all cells as UTF-8 into the batch's memory, in one call for the whole column.
 * `plain` tells that no cell needs quotes in any dialect.
 */
export function encodeCells(
  memory: BatchMemory,
  values: readonly (Cell | undefined)[],
): { readonly spans: Spans; readonly plain: boolean; readonly bytes: number } {
  const rows = values.length
  const address = memory.allocate(rows * 8)
  const texts: string[] = new Array(rows)
  for (let row = 0; row < rows; row++) texts[row] = formatCell(values[row])
  const text = texts.join('')
  const arena = memory.allocate(text.length * 3)
  const { words, bytes } = memory.linear
  const length = bytes.write(text, arena)
  memory.shrink(arena, length)
  const ascii = length === text.length
  let end = arena
  for (let row = 0, at = address >>> 2; row < rows; row++, at += 2) {
    words[at] = end
    const cell = texts[row] as string
    end += ascii ? cell.length : Buffer.byteLength(cell)
    words[at + 1] = end
  }
  return { spans: { address, stride: 8 }, plain: !SPECIAL.test(text), bytes: length }
}
