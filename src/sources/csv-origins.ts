import type { LinearMemory } from '../records/linear-memory.ts'
import type { Origins, RecordPlace, SourceRecord } from '../records/origins.ts'
import type { Fault, Faults } from '../records/record-batch.ts'
import type { RowError } from '../records/row-errors.ts'
import { cellsToObject } from '../records/rows.ts'
import { ADDRESS, ESCAPED } from '../records/span.ts'
import type { Piece } from '../storage/piece-reader.ts'
import type { CsvBytes } from './csv-bytes.ts'
import type { CsvFault } from './csv-fault.ts'
import { unescapeCell } from './csv-other-record.ts'
import { parseRecord } from './csv-record.ts'
import type { ScannedText } from './csv-scan.ts'

export interface CsvPlace {
  readonly source: string
  readonly columns: readonly string[]
  readonly bytes: CsvBytes
  /** Of the input, before it was turned into UTF-8; default `utf-8`. */
  readonly encoding?: string
  /** Data records before the text. */
  readonly firstOrdinal: number
  /** The address where the text begins, and the line ends before it. */
  readonly firstByte: number
  readonly firstLine: number
  /** Blank lines before the text that turned out to be records; their ordinals begin at `firstOrdinal`. */
  readonly blanks: readonly BlankLine[]
}

export interface BlankLine {
  readonly byteOffset: number
  readonly line: number
}

/** Where the rows and the faults of one scanned text stand in their file. */
export class CsvOrigins implements Origins, Faults {
  readonly source: string
  readonly columns: readonly string[]
  readonly #place: CsvPlace
  readonly #piece: Piece
  readonly #text: ScannedText
  /** Records are asked for in order, so lines are counted on from the last one asked for. */
  #counted: { readonly at: number; readonly lines: number }

  constructor(place: CsvPlace, piece: Piece, text: ScannedText) {
    this.source = place.source
    this.columns = place.columns
    this.#place = place
    this.#piece = piece
    this.#text = text
    this.#counted = { at: place.firstByte, lines: 0 }
  }

  get consecutiveFrom(): number | undefined {
    return this.#text.faults.length === 0 ? this.#place.firstOrdinal + this.#place.blanks.length : undefined
  }

  ordinal(row: number): number {
    return this.#place.firstOrdinal + this.#place.blanks.length + row + faultsBefore(this.#text.faults, row)
  }

  record(row: number): SourceRecord {
    const { words } = this.#piece.memory.linear
    const width = this.#place.columns.length * 2
    const first = (this.#text.fields >>> 2) + row * width
    const start = (words[first] as number) - ((words[first + 1] as number) >>> 31)
    const last = words[first + width - 1] as number
    const end = (last & ADDRESS) + (last >>> 31)
    return new RowRecord({
      ordinal: this.ordinal(row),
      line: this.#lineOf(start),
      byteOffset: this.#offsetOf(start),
      place: { start, end, cells: first * 4 },
      dialect: this.#place.bytes,
      linear: this.#piece.memory.linear,
      columns: this.columns,
    })
  }

  get size(): number {
    return this.#place.blanks.length + this.#text.faults.length
  }

  *[Symbol.iterator](): Iterator<Fault> {
    const { blanks } = this.#place
    let ordinal = this.#place.firstOrdinal
    for (const blank of blanks) {
      const record = { ordinal: ordinal++, ...blank, byteLength: 0, raw: Buffer.alloc(0), values: {} }
      yield { record, errors: [describe({ code: 'blank-row', detail: 0 }, this.#place)] }
    }
    for (const fault of this.#text.faults) {
      const record = this.#faulty(fault.rowsBefore + ordinal++, fault.start, fault.end)
      yield { record, errors: [describe(fault, this.#place)] }
    }
  }

  #faulty(ordinal: number, start: number, end: number): SourceRecord {
    const raw = Buffer.from(this.#piece.memory.linear.bytes.subarray(start, end))
    const { bytes: dialect, columns } = this.#place
    let values: Record<string, string | null> | undefined
    return {
      ordinal,
      line: this.#lineOf(start),
      byteOffset: this.#offsetOf(start),
      byteLength: end - start,
      raw,
      get values() {
        values ??= cellsOf(raw, dialect, columns)
        return values
      },
    }
  }

  #offsetOf(address: number): number {
    return this.#piece.offset + address - this.#piece.start
  }

  #lineOf(address: number): number {
    return this.#place.firstLine + this.#linesBefore(address) + 1
  }

  #linesBefore(address: number): number {
    const from = address >= this.#counted.at ? this.#counted : { at: this.#place.firstByte, lines: 0 }
    const { kernels } = this.#piece.memory
    this.#counted = { at: address, lines: from.lines + kernels.countLines(from.at, address) }
    return this.#counted.lines
  }
}

interface RowParts {
  readonly ordinal: number
  readonly line: number
  readonly byteOffset: number
  readonly place: RecordPlace
  readonly dialect: CsvBytes
  readonly linear: LinearMemory
  readonly columns: readonly string[]
}

/** The record of a good row: nothing of it is decoded unless somebody looks. */
class RowRecord implements SourceRecord {
  readonly ordinal: number
  readonly line: number
  readonly byteOffset: number
  readonly #place: RecordPlace
  readonly #dialect: CsvBytes
  readonly #linear: LinearMemory
  readonly #columns: readonly string[]

  constructor({ ordinal, line, byteOffset, place, dialect, linear, columns }: RowParts) {
    this.ordinal = ordinal
    this.line = line
    this.byteOffset = byteOffset
    this.#place = place
    this.#dialect = dialect
    this.#linear = linear
    this.#columns = columns
  }

  /** Only where the kernels read the cells as they are. */
  get place(): RecordPlace | undefined {
    return this.#dialect.other === undefined ? this.#place : undefined
  }

  get byteLength(): number {
    return this.#place.end - this.#place.start
  }

  get raw(): Buffer {
    return Buffer.from(this.#linear.bytes.subarray(this.#place.start, this.#place.end))
  }

  get values(): Readonly<Record<string, string | null>> {
    return cellsToObject<string | null>(this.#columns)(this.#columns.map((_, column) => this.#cell(column)))
  }

  cell(name: string): string | null | undefined {
    const column = this.#columns.indexOf(name)
    return column < 0 ? undefined : this.#cell(column)
  }

  #cell(column: number): string | null {
    const { words, bytes } = this.#linear
    const at = (this.#place.cells >>> 2) + column * 2
    const from = words[at] as number
    const stop = words[at + 1] as number
    const to = stop & ADDRESS
    if (from === to) return null
    const cell = bytes.toString('utf8', from, to)
    return stop & ESCAPED ? unescapeCell(cell, this.#dialect) : cell
  }
}

/** Faults stand in the order of the text; how many come before the given good row. */
function faultsBefore(faults: readonly CsvFault[], row: number): number {
  let low = 0
  let high = faults.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((faults[middle] as CsvFault).rowsBefore <= row) low = middle + 1
    else high = middle
  }
  return low
}

/** The cells of one record by column name, as far as it can be read; cells without a column are left to `raw`. */
export function cellsOf(raw: Buffer, bytes: CsvBytes, columns: readonly string[]): Record<string, string | null> {
  const text = Buffer.concat([raw, LINE_END])
  const record = parseRecord(text, 0, text.length, bytes)
  if (record.kind !== 'record' || raw.length === 0) return {}
  const cells: (string | null)[] = []
  for (let at = 0; at < record.cells.length; at += 2) {
    const end = record.cells[at + 1] as number
    const cell = text.toString('utf8', record.cells[at], end & ADDRESS)
    cells.push(cell === '' ? null : end & ESCAPED ? unescapeCell(cell, bytes) : cell)
  }
  return cellsToObject<string | null>(columns.slice(0, cells.length))(cells)
}

const LINE_END = Buffer.from('\n')

function describe(fault: Pick<CsvFault, 'code' | 'detail'>, { columns, encoding = 'utf-8' }: CsvPlace): RowError {
  const { code, detail } = fault
  const column = columns[detail]
  switch (code) {
    case 'missing-cell':
      return { code, message: `The record has ${detail} cells; the header has ${columns.length}.`, ...named(column) }
    case 'extra-cell':
      return { code, message: `The record has ${detail} cells; the header has ${columns.length}.` }
    case 'blank-row':
      return { code, message: 'The line is blank.' }
    case 'quote-error':
      return {
        code,
        message: 'A quote stands where none may: quote the cell and double the quotes in it, or close the quotes.',
        ...named(column),
      }
    case 'encoding-error':
      return { code, message: wrongBytes(encoding) }
    case 'line-too-long':
      return { code, message: 'The record is longer than `maxRecordBytes`: is a quote left open?' }
    case 'repeated-header':
      return { code, message: 'The header stands here again.' }
  }
}

/** Of text in another encoding only what it was turned into is left, so the letter cannot show the bytes. */
function wrongBytes(encoding: string): string {
  if (encoding === 'utf-8') return 'The record is not valid UTF-8: name its `encoding`.'
  return `The record has bytes that mean nothing in ${encoding}; U+FFFD stands for them. Is that its encoding?`
}

function named(column: string | undefined): { column: string } | Record<string, never> {
  return column === undefined ? {} : { column }
}
