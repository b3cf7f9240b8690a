import { isUtf8 } from 'node:buffer'
import type { BatchMemory } from '../records/batch-memory.ts'
import { SCAN, SCAN_ESCAPES, SCAN_IRREGULAR, SCAN_NOT_ASCII } from '../records/kernels/kernels.ts'
import { ADDRESS } from '../records/span.ts'
import { afterLineEnd, type CsvBytes, lineEnd, parseRecord } from './csv-record.ts'

/** The structural faults of a CSV record. */
export type FaultCode =
  | 'extra-cell'
  | 'missing-cell'
  | 'blank-row'
  | 'quote-error'
  | 'encoding-error'
  | 'line-too-long'
  | 'repeated-header'

/** A record of the text that is no row: where its bytes stand, and how many good rows stand before it. */
export interface CsvFault {
  readonly code: FaultCode
  readonly rowsBefore: number
  readonly start: number
  readonly end: number
  /** Cells of a ragged record, or the 0-based column of a quote error. */
  readonly detail: number
}

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
}

export interface ScanOptions {
  readonly bytes: CsvBytes
  readonly columns: number
  readonly maxRecordBytes: number
  /** The labels that a row must not repeat, where the text has a header. */
  readonly labels: readonly string[] | undefined
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
  #ascii = true
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
    // A cell takes at least one byte, its delimiter.
    this.fields = memory.allocate((end - from + 2) * 8)
  }

  run(): void {
    const from = this.consumed
    let passes = 0
    for (;;) {
      passes++
      if (!this.#scanRegular() || !this.#readFaulty()) break
    }
    if (passes > 1) this.lines = this.#memory.kernels.countLines(from, this.consumed)
    this.#memory.shrink(this.fields, this.rows * this.#options.columns * 8)
    if (!this.#ascii) this.#rejectRows('encoding-error', this.#notUtf8())
    if (this.#options.labels !== undefined) this.#rejectRows('repeated-header', this.#repeatedHeaders())
  }

  /** The address where the next row's spans go. */
  get #next(): number {
    return this.fields + this.rows * this.#options.columns * 8
  }

  /** Lets the kernel run from `consumed` on; true when what follows must be read byte by byte. */
  #scanRegular(): boolean {
    const { kernels, linear } = this.#memory
    const { bytes, columns } = this.#options
    const at = this.#next
    kernels.scan(this.consumed, this.#end, at, this.#result, bytes.delimiter, bytes.quote)
    const result = linear.words.subarray(this.#result >>> 2, (this.#result >>> 2) + 5)
    const count = result[SCAN.fields] as number
    const records = result[SCAN.records] as number
    const flags = result[SCAN.flags] as number
    const from = this.consumed
    this.consumed = result[SCAN.consumed] as number
    if (flags & SCAN_NOT_ASCII) this.#ascii = false
    if (flags & SCAN_ESCAPES) kernels.markEscaped(at, count, bytes.quote)
    const regular = columns > 1 && count === records * columns && kernels.isRectangular(at, records, columns)
    if (regular) this.rows += records
    else if (count > 0) this.#align(at, count)
    this.lines = result[SCAN.lines] as number
    if (this.#cutTooLong(from) || flags & SCAN_IRREGULAR) return true
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
    const { columns } = this.#options
    const count = ragged[0] as number
    for (let i = 0, w = 2; i < count; i++, w += 4) {
      const cells = ragged[w + 3] as number
      this.faults.push({
        code: cells === 0 ? 'blank-row' : cells < columns ? 'missing-cell' : 'extra-cell',
        rowsBefore: this.rows + (ragged[w] as number),
        start: ragged[w + 1] as number,
        end: ragged[w + 2] as number,
        detail: cells,
      })
    }
  }

  /**
   * Whether a record is too long must not depend on how the text was cut into pieces: also a record that is
   * complete here is given up when it is too long, and reading goes on behind its first line.
   */
  #cutTooLong(from: number): boolean {
    if (this.consumed - from <= this.#options.maxRecordBytes) return false
    const { words } = this.#memory.linear
    const width = this.#options.columns * 2
    const faultAt = this.faults.findIndex((f) => f.start >= from && f.end - f.start > this.#options.maxRecordBytes)
    const fault = this.faults[faultAt]
    for (let row = 0; row < this.rows; row++) {
      const first = (this.fields >>> 2) + row * width
      const start = words[first] as number
      if (start < from) continue
      if (fault !== undefined && start > fault.start) break
      const end = (words[first + width - 1] as number) & ADDRESS
      if (end - start <= this.#options.maxRecordBytes) continue
      this.#cutAt(start - ((words[first + 1] as number) >>> 31), row)
      return true
    }
    if (fault === undefined) return false
    this.#cutAt(fault.start, fault.rowsBefore)
    return true
  }

  #cutAt(start: number, rows: number): void {
    this.rows = rows
    this.consumed = start
    const first = this.faults.findIndex((fault) => fault.start >= start)
    if (first >= 0) this.faults.splice(first)
  }

  /** Reads records one by one until a faulty one explains why the kernel stopped. False when text is missing. */
  #readFaulty(): boolean {
    const { bytes } = this.#memory.linear
    const { maxRecordBytes, final } = this.#options
    while (this.consumed < this.#end) {
      const start = this.consumed
      const limit = Math.min(this.#end, start + maxRecordBytes + 2)
      const record = parseRecord(bytes, start, limit, this.#options.bytes)
      if (record.kind === 'record' && record.end - start <= maxRecordBytes) {
        this.#take(record.cells, start, record.end)
        this.consumed = record.next
        continue
      }
      const long = record.kind !== 'quote-error' && limit - start > maxRecordBytes
      if (record.kind === 'open' && !long && !final) return false
      const column = record.kind === 'quote-error' ? record.column : 0
      return this.#fault(long ? 'line-too-long' : 'quote-error', column)
    }
    return final
  }

  #take(cells: readonly number[], start: number, end: number): void {
    const { columns } = this.#options
    const count = cells.length / 2
    const blank = start === end
    if (count === columns && !(columns === 1 && blank)) {
      this.#memory.linear.words.set(cells, this.#next >>> 2)
      this.rows++
      return
    }
    const code = blank ? 'blank-row' : count < columns ? 'missing-cell' : 'extra-cell'
    this.faults.push({ code, rowsBefore: this.rows, start, end, detail: blank ? 0 : count })
  }

  /** Gives the record at `consumed` up: its first physical line is the fault. False when that line is not all here. */
  #fault(code: FaultCode, column: number): boolean {
    const { bytes } = this.#memory.linear
    const start = this.consumed
    const end = lineEnd(bytes, start, this.#end)
    if (end === this.#end) return false
    // Of a line too long to keep, the first bytes stand for it.
    const kept = Math.min(end, start + this.#options.maxRecordBytes)
    this.faults.push({ code, rowsBefore: this.rows, start, end: kept, detail: column })
    this.consumed = afterLineEnd(bytes, end, this.#end)
    return true
  }

  #notUtf8(): readonly number[] {
    const { bytes } = this.#memory.linear
    if (isUtf8(bytes.subarray(this.#from, this.consumed))) return []
    const bad: number[] = []
    for (let row = 0; row < this.rows; row++) {
      const { start, end } = this.#rowBytes(row)
      if (!isUtf8(bytes.subarray(start, end))) bad.push(row)
    }
    return bad
  }

  /** Rows whose every cell is its column's label, found by the first one. */
  #repeatedHeaders(): readonly number[] {
    const { labels = [], columns } = this.#options
    if (columns < 2 || this.rows === 0) return []
    const { linear, kernels } = this.#memory
    const label = Buffer.from(labels[0] as string)
    const text = this.#memory.allocate(label.length)
    label.copy(linear.bytes, text)
    const out = this.#memory.allocate(this.rows * 4 + 4)
    kernels.findCell(this.fields, columns * 8, this.rows, text, label.length, out)
    const found = linear.words.subarray((out >>> 2) + 1, (out >>> 2) + 1 + (linear.words[out >>> 2] as number))
    return [...found].filter((row) => labels.every((name, column) => this.#cell(row, column) === name))
  }

  #cell(row: number, column: number): string {
    const { bytes, words } = this.#memory.linear
    const at = (this.fields >>> 2) + (row * this.#options.columns + column) * 2
    return bytes.toString('utf8', words[at] as number, (words[at + 1] as number) & ADDRESS)
  }

  #rowBytes(row: number): { start: number; end: number } {
    const { words } = this.#memory.linear
    const width = this.#options.columns * 2
    const first = (this.fields >>> 2) + row * width
    const last = words[first + width - 1] as number
    const start = (words[first] as number) - ((words[first + 1] as number) >>> 31)
    return { start, end: (last & ADDRESS) + (last >>> 31) }
  }

  /** Makes faults of rows (ascending); the rows behind them move up. */
  #rejectRows(code: FaultCode, bad: readonly number[]): void {
    if (bad.length === 0) return
    const { words } = this.#memory.linear
    const width = this.#options.columns * 2
    const base = this.fields >>> 2
    const old = this.faults.splice(0)
    let next = 0
    let kept = 0
    const takeOld = (row: number) => {
      while (next < old.length && (old[next] as CsvFault).rowsBefore <= row) {
        this.faults.push({ ...(old[next++] as CsvFault), rowsBefore: kept })
      }
    }
    const rejected = new Set(bad)
    for (let row = 0; row < this.rows; row++) {
      takeOld(row)
      if (rejected.has(row)) {
        this.faults.push({ code, rowsBefore: kept, ...this.#rowBytes(row), detail: 0 })
      } else {
        words.copyWithin(base + kept * width, base + row * width, base + (row + 1) * width)
        kept++
      }
    }
    takeOld(this.rows)
    this.rows = kept
  }
}

/** Ragged records that one call of the kernel may describe. */
const RAGGED = 256
