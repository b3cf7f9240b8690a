import type { BatchMemory } from '../records/batch-memory.ts'
import { SCAN, SCAN_ESCAPES, SCAN_IRREGULAR, SCAN_NOT_ASCII } from '../records/kernels/kernels.ts'
import type { CsvBytes } from './csv-bytes.ts'
import type { CsvFault, FaultCode } from './csv-fault.ts'
import { startsWith } from './csv-other-record.ts'
import { afterLineEnd, lineEnd, parseRecord } from './csv-record.ts'
import { notUtf8, rejectRows, repeatedHeaders, replaced, rowBytes } from './csv-row-faults.ts'

/** All complete records of a piece of text. */
export interface ScannedText {
  /** Spans, row by row, `columns` of them a row. */
  readonly fields: number
  readonly rows: number
  readonly faults: CsvFault[]
  /** The address behind the last complete record. */
  readonly consumed: number
  /** Line ends in what was consumed. */
  readonly lines: number
  /** The last fault is a line whose end is not in the text: what follows up to there belongs to it. */
  readonly openLine: boolean
}

export interface ScanOptions {
  readonly bytes: CsvBytes
  readonly columns: number
  readonly maxRecordBytes: number
  /** The labels that a row must not repeat, where the text has a header. */
  readonly labels: readonly string[] | undefined
  /** The text was decoded from another encoding: U+FFFD stands for what was wrong in it. */
  readonly decoded?: boolean
  /** No more text follows; it ends with a line end. */
  readonly final: boolean
}

/**
 * Finds the cells of all complete records in [from, end). The kernel does the regular text; where it stops, the
 * record that stopped it is read byte by byte. After a faulty record reading goes on behind its first physical
 * line, so that it never swallows the good record below.
 */
export function scanText(memory: BatchMemory, from: number, end: number, options: ScanOptions): ScannedText {
  const scan = new Scan(memory, from, end, options)
  scan.run()
  return scan
}

class Scan implements ScannedText {
  readonly fields: number
  rows = 0
  readonly faults: CsvFault[] = []
  consumed: number
  lines = 0
  openLine = false
  #ascii = true
  /** Some records were read byte by byte: what the kernel told about the text does not hold for them. */
  #byByte = false
  readonly #memory: BatchMemory
  readonly #from: number
  readonly #end: number
  readonly #options: ScanOptions
  readonly #result: number
  readonly #ragged: number

  constructor(memory: BatchMemory, from: number, end: number, options: ScanOptions) {
    this.#memory = memory
    this.#from = from
    this.consumed = from
    this.#end = end
    this.#options = options
    this.#result = memory.allocate(64)
    this.#ragged = memory.allocate(RAGGED * 16 + 8)
    this.fields = memory.allocate(mostCells(memory, from, end, options.bytes) * 8)
  }

  run(): void {
    const { columns, labels = [], bytes } = this.#options
    while (this.#scanRegular() && this.#readFaulty());
    if (this.#byByte) this.lines = this.#memory.kernels.countLines(this.#from, this.consumed)
    this.#memory.shrink(this.fields, this.rows * columns * 8)
    const table = { memory: this.#memory, fields: this.fields, columns }
    if (!this.#ascii || this.#byByte) {
      this.#reject('encoding-error', notUtf8(table, this.rows, this.#from, this.consumed))
    }
    if (this.#options.decoded) this.#reject('encoding-error', replaced(table, this.rows))
    if (columns > 1) this.#reject('repeated-header', repeatedHeaders(table, this.rows, labels, bytes))
  }

  #reject(code: FaultCode, bad: readonly number[]): void {
    const table = { memory: this.#memory, fields: this.fields, columns: this.#options.columns }
    if (bad.length > 0) this.rows = rejectRows(table, this.rows, this.faults, code, bad)
  }

  /** The address where the next row's spans go. */
  get #next(): number {
    return this.fields + this.rows * this.#options.columns * 8
  }

  /** Lets the kernel run from `consumed` on; true when what follows must be read byte by byte. */
  #scanRegular(): boolean {
    const { kernels, linear } = this.#memory
    const { bytes, columns } = this.#options
    if (bytes.other !== undefined) return this.consumed < this.#end
    const at = this.#next
    kernels.scan(this.consumed, this.#end, at, this.#result, bytes.delimiter, bytes.quote)
    const result = linear.words.subarray(this.#result >>> 2, (this.#result >>> 2) + 5)
    const count = result[SCAN.fields] as number
    const records = result[SCAN.records] as number
    const flags = result[SCAN.flags] as number
    const before = { consumed: this.consumed, rows: this.rows, faults: this.faults.length }
    this.consumed = result[SCAN.consumed] as number
    if (flags & SCAN_NOT_ASCII) this.#ascii = false
    if (flags & SCAN_ESCAPES) kernels.markEscaped(at, count, bytes.quote)
    const regular = columns > 1 && count === records * columns && kernels.isRectangular(at, records, columns)
    if (regular) this.rows += records
    else if (count > 0) this.#align(at, count)
    this.lines = result[SCAN.lines] as number
    if (this.#cutTooLong(before) || flags & SCAN_IRREGULAR) return true
    const left = this.#end - this.consumed
    return left > (this.#options.final ? 0 : this.#options.maxRecordBytes)
  }

  /** Takes the records with the right number of cells; the others are faults. */
  #align(at: number, count: number): void {
    const { kernels, linear } = this.#memory
    const { columns } = this.#options
    const { words } = linear
    for (let done = 0; done < count; ) {
      const good = kernels.alignRecords(at + done * 8, count - done, columns, this.#next, this.#ragged, RAGGED)
      this.#takeRagged(words.subarray(this.#ragged >>> 2))
      this.rows += good
      done += words[(this.#ragged >>> 2) + 1] as number
    }
  }

  #takeRagged(ragged: Uint32Array): void {
    const count = ragged[0] as number
    for (let i = 0, w = 2; i < count; i++, w += 4) {
      const [good, start, end, cells] = ragged.subarray(w, w + 4) as unknown as [number, number, number, number]
      this.faults.push({ code: this.#raggedCode(cells), rowsBefore: this.rows + good, start, end, detail: cells })
    }
  }

  #raggedCode(cells: number): FaultCode {
    if (cells === 0) return 'blank-row'
    return cells < this.#options.columns ? 'missing-cell' : 'extra-cell'
  }

  /**
   * Whether a record is too long must not depend on how the text was cut into pieces: also a record that is
   * complete here is given up when it is too long, and reading goes on behind its first line.
   */
  #cutTooLong(before: { readonly consumed: number; readonly rows: number; readonly faults: number }): boolean {
    const { columns, maxRecordBytes } = this.#options
    if (this.consumed - before.consumed <= maxRecordBytes) return false
    const tooLong = ({ start, end }: { start: number; end: number }) => end - start > maxRecordBytes
    const table = { memory: this.#memory, fields: this.fields, columns }
    let row = before.rows
    while (row < this.rows && !tooLong(rowBytes(table, row))) row++
    const fault = this.faults.slice(before.faults).find(tooLong)
    const start = row < this.rows ? rowBytes(table, row).start : this.#end
    if (fault !== undefined && fault.start < start) this.#cutAt(fault.start, fault.rowsBefore)
    else if (row < this.rows) this.#cutAt(start, row)
    else return false
    return true
  }

  #cutAt(start: number, rows: number): void {
    this.rows = rows
    this.consumed = start
    while (this.faults.length > 0 && (this.faults.at(-1) as CsvFault).start >= start) this.faults.pop()
  }

  /** Reads records one by one until a faulty one explains why the kernel stopped. False when text is missing. */
  #readFaulty(): boolean {
    const { bytes } = this.#memory.linear
    const { maxRecordBytes, final } = this.#options
    this.#byByte = true
    while (this.consumed < this.#end) {
      const start = this.consumed
      const comment = this.#commentEnd(start)
      if (comment !== undefined) {
        if (comment === this.#end) return false
        this.consumed = afterLineEnd(bytes, comment, this.#end)
        continue
      }
      // A record ends, or goes wrong, within its longest length and the byte behind it, or it is too long.
      const limit = Math.min(this.#end, start + maxRecordBytes + 1)
      const record = parseRecord(bytes, start, limit, this.#options.bytes)
      if (record.kind === 'record') {
        this.#take(record.cells, start, record.end)
        this.consumed = afterLineEnd(bytes, record.end, this.#end)
        continue
      }
      if (record.kind === 'quote-error') return this.#fault('quote-error', record.column)
      const long = limit - start > maxRecordBytes
      return long || final ? this.#fault(long ? 'line-too-long' : 'quote-error', 0) : false
    }
    return final
  }

  /** Where the line ends that begins here, if it is a comment. */
  #commentEnd(start: number): number | undefined {
    const { bytes } = this.#memory.linear
    const comment = this.#options.bytes.other?.comment
    if (comment === undefined || !startsWith(bytes, start, this.#end, comment)) return undefined
    return lineEnd(bytes, start, this.#end)
  }

  #take(cells: readonly number[], start: number, end: number): void {
    const { columns } = this.#options
    const count = start === end ? 0 : cells.length / 2
    if (count === columns) {
      this.#memory.linear.words.set(cells, this.#next >>> 2)
      this.rows++
    } else {
      this.faults.push({ code: this.#raggedCode(count), rowsBefore: this.rows, start, end, detail: count })
    }
  }

  /** Gives the record at `consumed` up: its first physical line is the fault. False when that line is not all here. */
  #fault(code: FaultCode, column: number): boolean {
    const { bytes } = this.#memory.linear
    const { maxRecordBytes } = this.#options
    const start = this.consumed
    const end = lineEnd(bytes, start, this.#end)
    if (end === this.#end && end - start <= maxRecordBytes) return false
    // Of a line too long to keep, the first bytes stand for it.
    const kept = Math.min(end, start + maxRecordBytes)
    this.faults.push({ code, rowsBefore: this.rows, start, end: kept, detail: column })
    this.consumed = afterLineEnd(bytes, end, this.#end)
    this.openLine = end === this.#end
    return !this.openLine
  }
}

/** A cell takes at least one byte, its delimiter; in a text as long as that is too much, its delimiters are counted. */
function mostCells({ linear: { bytes } }: BatchMemory, from: number, end: number, { delimiter }: CsvBytes): number {
  if (end - from <= COUNTED_BYTES) return end - from + 2
  let cells = 2
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    if (byte === delimiter || byte === 10 || byte === 13) cells++
  }
  return cells
}

/** Ragged records that one call of the kernel may describe. */
const RAGGED = 256
const COUNTED_BYTES = 4 << 20
