import type { Origins, SourceRecord } from '../records/origins.ts'
import type { Fault, Faults } from '../records/record-batch.ts'
import type { RowError } from '../records/row-errors.ts'
import { ADDRESS, ESCAPED } from '../records/span.ts'
import type { Piece } from '../storage/piece-reader.ts'
import { type CsvBytes, parseRecord } from './csv-record.ts'
import type { CsvFault, ScannedText } from './csv-scan.ts'

export interface CsvPlace {
  readonly source: string
  readonly columns: readonly string[]
  readonly bytes: CsvBytes
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
    return this.#record(this.ordinal(row), start, (last & ADDRESS) + (last >>> 31))
  }

  get size(): number {
    return this.#place.blanks.length + this.#text.faults.length
  }

  *[Symbol.iterator](): Iterator<Fault> {
    const { blanks, columns } = this.#place
    let ordinal = this.#place.firstOrdinal
    for (const blank of blanks) {
      const record = { ordinal: ordinal++, ...blank, byteLength: 0, raw: Buffer.alloc(0), values: {} }
      yield { record, errors: [describe({ code: 'blank-row', detail: 0 }, columns)] }
    }
    for (const fault of this.#text.faults) {
      const record = this.#record(fault.rowsBefore + ordinal++, fault.start, fault.end)
      yield { record, errors: [describe(fault, columns)] }
    }
  }

  #record(ordinal: number, start: number, end: number): SourceRecord {
    const { bytes } = this.#piece.memory.linear
    const raw = Buffer.from(bytes.subarray(start, end))
    const { bytes: dialect, columns } = this.#place
    let values: Record<string, string | null> | undefined
    return {
      ordinal,
      line: this.#place.firstLine + this.#linesBefore(start) + 1,
      byteOffset: this.#piece.offset + start - this.#piece.start,
      byteLength: end - start,
      raw,
      get values() {
        values ??= cellsOf(raw, dialect, columns)
        return values
      },
    }
  }

  #linesBefore(address: number): number {
    const from = address >= this.#counted.at ? this.#counted : { at: this.#place.firstByte, lines: 0 }
    const { kernels } = this.#piece.memory
    this.#counted = { at: address, lines: from.lines + kernels.countLines(from.at, address) }
    return this.#counted.lines
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
  const values: Record<string, string | null> = {}
  if (record.kind !== 'record' || raw.length === 0) return values
  const quote = bytes.quote < 0 ? '' : String.fromCharCode(bytes.quote)
  for (let column = 0; column < columns.length && column * 2 < record.cells.length; column++) {
    const end = record.cells[column * 2 + 1] as number
    const cell = text.toString('utf8', record.cells[column * 2], end & ADDRESS)
    const value = end & ESCAPED ? cell.replaceAll(quote + quote, quote) : cell
    setOwn(values, columns[column] as string, value === '' ? null : value)
  }
  return values
}

/** An assignment, except to the one name that means something else. */
function setOwn(values: Record<string, string | null>, name: string, value: string | null): void {
  if (name !== '__proto__') values[name] = value
  else Object.defineProperty(values, name, { value, enumerable: true })
}

const LINE_END = Buffer.from('\n')

function describe(fault: Pick<CsvFault, 'code' | 'detail'>, columns: readonly string[]): RowError {
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
      return { code, message: 'The record is not valid UTF-8: name its `encoding`.' }
    case 'line-too-long':
      return { code, message: 'The record is longer than `maxRecordBytes`: is a quote left open?' }
    case 'repeated-header':
      return { code, message: 'The header stands here again.' }
  }
}

function named(column: string | undefined): { column: string } | Record<string, never> {
  return column === undefined ? {} : { column }
}
