import type { DeadLetter } from '../../validation/dead-letter.ts'
import { visible } from './format.ts'
import { width } from './table.ts'

/** The raw record in one line, and below it a line that marks the faulty cells, if it is known where they stand. */
export function markCells({ raw, raw_base64, format, errors }: DeadLetter): readonly string[] {
  const text = raw ?? Buffer.from(raw_base64 ?? '', 'base64').toString()
  const faulty = new Set(errors.map(({ column }) => column))
  const columns = (format?.['columns'] ?? []) as readonly string[]
  const cells = format?.['type'] === 'csv' ? cellsOf(text, format as unknown as Dialect) : []
  const marked = cells.filter((_, index) => faulty.has(columns[index]))
  if (marked.length === 0) return [visible(text)]
  return [visible(text), carets(text, marked)]
}

type Place = readonly [start: number, end: number]

interface Dialect {
  readonly delimiter: string
  readonly quote: string | null
  readonly escape: string | null
}

function carets(text: string, cells: readonly Place[]): string {
  return cells.reduce((line, [start, end]) => {
    const before = width(visible(text.slice(0, start)))
    const length = width(visible(text.slice(start, end)))
    return `${line}${' '.repeat(Math.max(0, before - line.length))}${'^'.repeat(Math.max(1, length))}`
  }, '')
}

/** Where the cells of a record stand, quotes included. As good as it goes: some records are here for their quotes. */
function cellsOf(text: string, { delimiter = ',', quote, escape: escaper }: Dialect): readonly Place[] {
  const cells: Place[] = []
  for (let start = 0; start <= text.length; ) {
    const body = quote && text.startsWith(quote, start) ? closing(text, start, quote, escaper ?? quote) : start
    const next = text.indexOf(delimiter, body)
    const end = next === -1 ? text.length : next
    cells.push([start, end])
    start = end + delimiter.length
    if (next === -1) break
  }
  return cells
}

/** Behind the quote that closes the cell. */
function closing(text: string, start: number, quote: string, escaper: string): number {
  for (let at = start + quote.length; at < text.length; at++) {
    const escaped = text.startsWith(escaper, at) && (escaper !== quote || text.startsWith(quote, at + 1))
    if (escaped) at++
    else if (text.startsWith(quote, at)) return at + quote.length
  }
  return text.length
}
