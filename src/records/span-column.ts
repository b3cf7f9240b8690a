import type { BatchMemory } from './batch-memory.ts'
import type { Cell, Column } from './column.ts'
import { ADDRESS, ESCAPED, type Spans } from './span.ts'

/** A column of bytes: as the source had them, or as a kernel wrote them. Decoded where somebody looks, and once. */
export class SpanColumn implements Column {
  readonly rows: number
  readonly verbatim: string | undefined
  /** An upper bound of the bytes of all cells together. */
  readonly bytes: number
  readonly failed: ReadonlySet<number> | undefined
  readonly #memory: BatchMemory
  readonly #spans: Spans
  #values: Cell[] | undefined

  constructor(
    memory: BatchMemory,
    spans: Spans,
    rows: number,
    verbatim: string | undefined,
    bytes: number,
    failed?: ReadonlySet<number>,
  ) {
    this.#memory = memory
    this.#spans = spans
    this.rows = rows
    this.verbatim = verbatim
    this.bytes = bytes
    this.failed = failed
  }

  spans(): Spans {
    return this.#spans
  }

  value(row: number): Cell {
    if (this.#values !== undefined) return this.#values[row] as Cell
    const { words, bytes } = this.#memory.linear
    const at = (this.#spans.address + row * this.#spans.stride) >>> 2
    const start = words[at] as number
    const stop = words[at + 1] as number
    const end = stop & ADDRESS
    if (start === end) return null
    const text = bytes.toString('utf8', start, end)
    return stop & ESCAPED ? unquote(text, bytes[start - 1] as number) : text
  }

  values(): readonly Cell[] {
    this.#values ??= decode(this.#memory, this.#spans, this.rows)
    return this.#values
  }
}

/**
 * Decodes a whole column out of one string: a slice of a string is many times cheaper than a string made of bytes.
 * Latin-1 keeps one character a byte, so offsets hold; cells that are not ASCII are decoded again as UTF-8.
 */
function decode(memory: BatchMemory, spans: Spans, rows: number): Cell[] {
  const values: Cell[] = new Array(rows)
  if (rows === 0) return values
  const { words, bytes } = memory.linear
  const step = spans.stride >>> 2
  let at = spans.address >>> 2
  const low = lowest(words, at, step, rows)
  const { text, start: base, ascii } = memory.latin1(low, highest(words, at, step, rows))
  for (let row = 0; row < rows; row++, at += step) {
    const start = words[at] as number
    const stop = words[at + 1] as number
    const end = stop & ADDRESS
    if (start === end) {
      values[row] = null
      continue
    }
    let value = text.slice(start - base, end - base)
    if (!ascii && NOT_ASCII.test(value)) value = bytes.toString('utf8', start, end)
    values[row] = stop & ESCAPED ? unquote(value, bytes[start - 1] as number) : value
  }
  return values
}

const NOT_ASCII = /[\x80-\xff]/

/** Cells stand in the order of their rows, so the first and the last one bound the text, but for gone rows. */
function lowest(words: Uint32Array, at: number, step: number, rows: number): number {
  let low = words[at] as number
  for (let row = 1, p = at + step; row < rows; row++, p += step) low = Math.min(low, words[p] as number)
  return low
}

function highest(words: Uint32Array, at: number, step: number, rows: number): number {
  let high = 0
  for (let row = 0, p = at + 1; row < rows; row++, p += step) high = Math.max(high, (words[p] as number) & ADDRESS)
  return high
}

function unquote(text: string, quote: number): string {
  const mark = String.fromCharCode(quote)
  return text.replaceAll(mark + mark, mark)
}
