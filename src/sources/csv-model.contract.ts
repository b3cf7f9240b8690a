import { Buffer, isUtf8 } from 'node:buffer'

/** What reading must find, one entry a record, in the order of the file. */
export interface ModelRecord {
  /** `row`, or the code of the fault. */
  readonly kind: string
  readonly ordinal: number
  readonly line: number
  readonly byteOffset: number
  readonly byteLength: number
  readonly raw: string
  /** Of rows only; null where empty. */
  readonly cells?: readonly (string | null)[]
}

export interface ModelOptions {
  readonly header?: boolean | readonly string[]
  readonly skipLines?: number
  readonly delimiter?: string
  readonly quote?: string | false
  readonly maxRecordBytes?: number
}

export type Model =
  | { readonly error: string }
  | { readonly columns: readonly string[]; readonly records: readonly ModelRecord[] }

/**
 * The rules of reading CSV in a slow and simple way: regular expressions over one character a byte, one record after
 * the other, the whole file at hand. It shares nothing with the reader.
 */
export function modelCsv(bytes: Buffer, options: ModelOptions = {}): Model {
  const { header = true, skipLines = 0, maxRecordBytes = 1 << 20 } = options
  const given = bytes.toString('latin1')
  // The end of the last line may be missing.
  const text = given === '' || /[\r\n]$/.test(given) ? given : `${given}\n`
  const grammar = new Grammar(options)
  let at = text.startsWith('\xef\xbb\xbf') ? 3 : 0
  for (let line = 0; line < skipLines; line++) at = behindLine(text, at)
  let labels: readonly string[] | undefined = typeof header === 'object' ? header : undefined
  if (labels === undefined && at === text.length) return { columns: [], records: [] }
  if (labels === undefined) {
    const first = grammar.record(text, at, maxRecordBytes)
    const unreadable = first.kind !== 'record' || (header === true && !isUtf8(bytes.subarray(at, first.end)))
    if (unreadable) return { error: 'header-unreadable' }
    labels = header ? first.cells.map((cell) => cell ?? '') : first.cells.map((_, index) => `column_${index + 1}`)
    if (header) at = first.next
  }
  for (const [index, label] of labels.entries()) {
    if (label.trim() === '') return { error: 'blank-label' }
    if (labels.indexOf(label) < index) return { error: 'duplicate-label' }
  }

  const records: ModelRecord[] = []
  while (at < text.length) {
    const found = grammar.record(text, at, maxRecordBytes)
    const lineEnd = text.slice(at).search(/[\r\n]|$/) + at
    const end = found.kind === 'record' ? found.end : Math.min(lineEnd, at + maxRecordBytes)
    const raw = bytes.subarray(at, end)
    const kind = found.kind === 'record' ? kindOf(found.cells, raw, labels, header === true) : found.kind
    const place = { line: text.slice(0, at).split(/\r\n|\r|\n/).length, byteOffset: at, byteLength: end - at }
    const cells = kind === 'row' && found.kind === 'record' ? { cells: found.cells } : {}
    records.push({ kind, ordinal: records.length, ...place, raw: raw.toString('latin1'), ...cells })
    at = found.kind === 'record' ? found.next : behindLine(text, at)
  }
  let trailing = 0
  while (records.at(-1 - trailing)?.kind === 'blank-row') trailing++
  records.splice(records.length - (trailing % MAX_BLANKS))
  return { columns: labels, records }
}

/** See `csv-reader.ts`. */
const MAX_BLANKS = 65_536

function kindOf(cells: readonly unknown[], raw: Buffer, labels: readonly string[], header: boolean): string {
  if (raw.length === 0) return 'blank-row'
  if (cells.length !== labels.length) return cells.length < labels.length ? 'missing-cell' : 'extra-cell'
  if (!isUtf8(raw)) return 'encoding-error'
  const repeated = header && labels.length > 1 && labels.every((label, column) => cells[column] === label)
  return repeated ? 'repeated-header' : 'row'
}

function behindLine(text: string, from: number): number {
  const [line] = /^[^\r\n]*(\r\n|\r|\n|$)/.exec(text.slice(from)) as unknown as [string]
  return from + line.length
}

type Found =
  | { readonly kind: 'record'; readonly cells: readonly (string | null)[]; readonly end: number; readonly next: number }
  | { readonly kind: 'quote-error' | 'line-too-long' }

class Grammar {
  readonly #cell: RegExp
  readonly #quote: string | false

  constructor({ delimiter = ',', quote = '"' }: ModelOptions) {
    const d = hex(delimiter)
    const q = quote === false ? '' : hex(quote)
    const plain = `([^${d}${q}\\r\\n]*)`
    const content = quote === false ? plain : `(?:${q}((?:[^${q}]|${q}${q})*)${q}|${plain})`
    this.#cell = new RegExp(`${content}(${d}|\\r|\\n|$)`, 'y')
    this.#quote = quote
  }

  /** The record at `from`, judged by its first `most` bytes and the byte behind them. */
  record(text: string, from: number, most: number): Found {
    const all = text.length - from <= most
    const visible = text.slice(from, from + most + 1)
    const cells = this.#cells(visible, all)
    if (cells === undefined) {
      const open = ['\n', `${this.#quote || ''}\n`].some((rest) => this.#cells(visible + rest, false) !== undefined)
      return { kind: open && !all ? 'line-too-long' : 'quote-error' }
    }
    const end = from + cells.length
    return { kind: 'record', cells: cells.values, end, next: end + (text.startsWith('\r\n', end) ? 2 : 1) }
  }

  #cells(text: string, final: boolean): { values: readonly (string | null)[]; length: number } | undefined {
    const values: (string | null)[] = []
    for (this.#cell.lastIndex = 0; ; ) {
      const match = this.#cell.exec(text)
      if (match === null) return undefined
      const [, ...groups] = match
      const stop = groups.pop() as string
      const quote = this.#quote || ''
      const value = (groups[0] ?? groups[1] ?? '').replaceAll(quote + quote, groups.length > 1 ? quote : '')
      values.push(Buffer.from(value, 'latin1').toString() || null)
      if (stop === '' && !final) return undefined
      if (stop === '' || stop === '\r' || stop === '\n')
        return { values, length: match.index + match[0].length - stop.length }
    }
  }
}

function hex(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}
