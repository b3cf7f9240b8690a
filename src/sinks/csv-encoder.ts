import type { BatchMemory } from '../records/batch-memory.ts'
import { cellTexts } from '../records/cell-text.ts'
import { type Column, verbatimDialect } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Spans } from '../records/span.ts'
import { SpanColumn } from '../records/span-column.ts'

export interface CsvFormat {
  readonly delimiter: string
  readonly quote: string
  /** `\n` or `\r\n`. */
  readonly lineEnd: '\n' | '\r\n'
}

/** Turns batches into CSV text by one call of a kernel each, which copies neighbours that nobody touched in one go. */
export class CsvEncoder {
  readonly #format: CsvFormat
  readonly #verbatim: string

  constructor(format: CsvFormat) {
    this.#format = format
    const bytes = { delimiter: format.delimiter.charCodeAt(0), quote: format.quote.charCodeAt(0) }
    this.#verbatim = verbatimDialect(bytes)
  }

  header(columns: readonly string[]): Buffer {
    const { delimiter, quote, lineEnd } = this.#format
    const special = specialOf(delimiter, quote)
    return Buffer.from(columns.map((name) => quoted(name, special, quote)).join(delimiter) + lineEnd)
  }

  /** Lays out what the kernel copies for each row. All spans are made here, so nothing is allocated after. */
  plan(batch: RecordBatch): { readonly segments: number; readonly count: number; readonly maxBytes: number } {
    const { memory } = batch
    const alone = batch.columns.length === 1
    const cells = batch.columns.map((column) => this.#cells(column, memory, alone))
    const runs = mergeNeighbours(cells)
    const delimiter = this.#format.delimiter.charCodeAt(0)
    const ends = [...this.#format.lineEnd].map((char) => char.charCodeAt(0))
    // The kernel puts one byte behind each segment: an empty one brings the second byte of CRLF.
    const nothing = ends.length > 1 ? emptyCell(memory) : undefined
    if (nothing !== undefined) runs.push({ first: nothing, last: nothing, stride: 0, raw: false })
    const segments = memory.allocate(runs.length * 16)
    const { words } = memory.linear
    runs.forEach(({ first, last, stride }, index) => {
      const end = ends[index - runs.length + ends.length] ?? delimiter
      words.set([first, last, stride, end], (segments >>> 2) + index * 4)
    })
    const separators = batch.rows * (batch.columns.length + 2)
    const maxBytes = rawBytes(cells) + cells.reduce((sum, { bytes }) => sum + bytes, 0) + separators
    return { segments, count: runs.length, maxBytes }
  }

  #cells(column: Column, memory: BatchMemory, alone: boolean): Cells {
    const { verbatim } = column
    if (column instanceof SpanColumn && verbatim === this.#verbatim) {
      return { spans: column.spans(), raw: true, bytes: 0, rawBytes: column.bytes + column.rows * 2 }
    }
    if (verbatim === 'plain' && !alone) {
      const bytes = column instanceof SpanColumn ? column.bytes : textBytes(column, memory)
      return { spans: column.spans(), raw: false, bytes, rawBytes: 0 }
    }
    // A row of one empty cell would be a blank line, which is no record.
    const empty = alone ? this.#format.quote.repeat(2) : ''
    const { spans, bytes } = encodeQuoted(memory, cellTexts(column), this.#format, empty)
    return { spans, raw: false, bytes, rawBytes: 0 }
  }
}

interface Cells {
  readonly spans: Spans
  /** As in the source: neighbours may be copied together. */
  readonly raw: boolean
  /** Upper bounds; raw columns share their text, so it counts once. */
  readonly bytes: number
  readonly rawBytes: number
}

interface Run {
  readonly first: number
  last: number
  readonly stride: number
  readonly raw: boolean
}

/** Columns that stood side by side in the source, and still do, are copied with all that stands between them. */
function mergeNeighbours(cells: readonly Cells[]): Run[] {
  const runs: Run[] = []
  for (const { spans, raw } of cells) {
    const { address, stride } = spans
    const open = runs.at(-1)
    if (open !== undefined && raw && open.raw && open.stride === stride && open.last + 8 === address)
      open.last = address
    else runs.push({ first: address, last: address, stride, raw })
  }
  return runs
}

function emptyCell(memory: BatchMemory): number {
  const span = memory.allocate(8)
  memory.linear.words.set([span, span], span >>> 2)
  return span
}

function rawBytes(cells: readonly Cells[]): number {
  return cells.reduce((most, cell) => Math.max(most, cell.rawBytes), 0)
}

/** Spans of one column end where the next one begins, so the last end tells how much text there is. */
function textBytes(column: Column, memory: BatchMemory): number {
  const { address, stride } = column.spans()
  const { words } = memory.linear
  if (column.rows === 0) return 0
  const last = (address + stride * (column.rows - 1)) >>> 2
  const bytes = (words[last + 1] as number) - (words[address >>> 2] as number)
  return stride === 0 ? bytes * column.rows : bytes
}

/** The cells as CSV text, quoted where they must be. */
function encodeQuoted(
  memory: BatchMemory,
  cells: readonly (string | null)[],
  { delimiter, quote }: CsvFormat,
  empty: string,
): { readonly spans: Spans; readonly bytes: number } {
  const special = specialOf(delimiter, quote)
  const texts = cells.map((cell) => quoted(cell ?? '', special, quote) || empty)
  const text = texts.join('')
  const address = memory.allocate(cells.length * 8)
  const arena = memory.allocate(text.length * 3)
  const { words, bytes } = memory.linear
  const length = bytes.write(text, arena)
  memory.shrink(arena, length)
  const ascii = length === text.length
  let end = arena
  texts.forEach((cell, row) => {
    words[(address >>> 2) + row * 2] = end
    end += ascii ? cell.length : Buffer.byteLength(cell)
    words[(address >>> 2) + row * 2 + 1] = end
  })
  return { spans: { address, stride: 8 }, bytes: length }
}

/** Leading and trailing blanks are quoted as well: some readers trim cells that are not. */
function specialOf(delimiter: string, quote: string): RegExp {
  const escaped = [delimiter, quote].map((char) => char.replace(/[\\\]^-]/, '\\$&')).join('')
  return new RegExp(`[${escaped}\\r\\n]|^\\s|\\s$`)
}

function quoted(text: string, special: RegExp, quote: string): string {
  return special.test(text) ? quote + text.replaceAll(quote, quote + quote) + quote : text
}
