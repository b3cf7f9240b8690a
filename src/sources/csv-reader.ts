import type { RunEvent } from '../context.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import { RecordBatch } from '../records/record-batch.ts'
import { type Schema, schemaOfText } from '../records/schema.ts'
import { LIVE } from '../records/span.ts'
import type { Piece, PieceReader } from '../storage/piece-reader.ts'
import type { CsvBytes } from './csv-bytes.ts'
import { columnsOf } from './csv-columns.ts'
import type { CsvFault } from './csv-fault.ts'
import { readHeader } from './csv-header.ts'
import { type BlankLine, CsvOrigins } from './csv-origins.ts'
import { afterLineEnd, lineEnd } from './csv-record.ts'
import { type ScannedText, scanText } from './csv-scan.ts'

export interface CsvReadOptions {
  readonly source: string
  readonly bytes: CsvBytes
  readonly header: boolean | readonly string[]
  readonly skipLines: number
  readonly maxRecordBytes: number
  readonly missing: ReadonlySet<string> | undefined
  /** Of the input; anything but UTF-8 was decoded on the way. */
  readonly encoding: string
  readonly emit: (event: RunEvent) => void
  readonly split: number
}

/** Where a batch's text begins: enough to read it again. */
export interface BatchStart {
  readonly ordinal: number
  readonly offset: number
  readonly line: number
  readonly bytes: number
}

/**
 * Reads one CSV text as batches of span columns. It is one loop: a piece of text in, its complete records out, the
 * rest in front of the next piece.
 */
export class CsvReader {
  records = 0
  lines = 0
  columns: readonly string[] | undefined
  readonly starts: BatchStart[] = []
  readonly #pieces: PieceReader
  readonly #options: CsvReadOptions
  #schema: Schema | undefined
  #batches = 0
  /** Blank lines are records only if a record follows. */
  #blanks: BlankLine[] = []
  /** Inside a line that is longer than any record may be. */
  #skipping = false

  constructor(pieces: PieceReader, options: CsvReadOptions) {
    this.#pieces = pieces
    this.#options = options
  }

  async *batches(): AsyncGenerator<RecordBatch, void, void> {
    let piece: Piece | undefined = await this.#pieces.first()
    while (piece !== undefined) {
      const end = terminate(piece)
      const from: number | undefined = this.#columnsKnown(piece, end) ? this.#recordsFrom(piece, end) : undefined
      // Behind a header or a byte-order mark without a line end there is no line, though one was added.
      const stop: number = from !== undefined && from >= piece.end ? from : end
      const text: ScannedText | undefined = from === undefined ? undefined : this.#scan(piece, from, stop)
      const next: (() => Promise<Piece>) | undefined = piece.final
        ? undefined
        : await this.#pieces.next(piece, text?.consumed ?? piece.start)
      const batch = from === undefined || text === undefined ? undefined : this.#batch(piece, from, text)
      if (batch === undefined) piece.release()
      else yield batch
      piece = await next?.()
    }
  }

  /** Reads the header out of the first piece. False when the piece is too short for it. */
  #columnsKnown(piece: Piece, end: number): boolean {
    if (this.columns !== undefined) return true
    const header = this.#readHeader(piece, end)
    if (header === undefined) return false
    this.columns = header.columns
    this.#schema = schemaOfText(header.columns)
    this.lines = piece.memory.kernels.countLines(piece.start, header.next)
    this.#firstRecord = header.next
    return true
  }

  #readHeader(piece: Piece, end: number): ReturnType<typeof readHeader> {
    try {
      return readHeader(piece, end, this.#options)
    } catch (error) {
      piece.release()
      throw error
    }
  }

  #firstRecord: number | undefined

  /** Where records go on in the piece: behind the header, or behind the line that is being skipped. */
  #recordsFrom(piece: Piece, end: number): number {
    const from = this.#firstRecord ?? piece.start
    this.#firstRecord = undefined
    if (!this.#skipping) return from
    const { bytes } = piece.memory.linear
    const stop = lineEnd(bytes, from, end)
    if (stop < end || piece.final) {
      this.#skipping = false
      this.lines++
    }
    return afterLineEnd(bytes, stop, end)
  }

  #scan(piece: Piece, from: number, end: number): ScannedText {
    const { bytes, maxRecordBytes, header, encoding } = this.#options
    const columns = this.columns as readonly string[]
    const labels = header === true ? columns : undefined
    const text = scanText(piece.memory, from, end, {
      bytes,
      columns: columns.length,
      maxRecordBytes,
      labels,
      decoded: encoding !== 'utf-8',
      final: piece.final,
    })
    if (text.openLine) this.#skipping = true
    return text
  }

  /** The batch of a scanned text; undefined when there is nothing in it. The first one comes in any case. */
  #batch(piece: Piece, from: number, scanned: ScannedText): RecordBatch | undefined {
    const text = this.#holdBlanks(piece, scanned)
    const records = text.rows + text.faults.length
    const blanks = records > 0 ? this.#blanks.splice(0) : []
    const place = { ordinal: this.records, line: this.lines, offset: piece.offset + from - piece.start }
    this.records += records + blanks.length
    this.lines += text.lines
    this.#blanks.push(...text.trailing)
    if (records === 0 && this.#batches > 0) return undefined
    this.#batches++
    const byteLength = text.consumed - from
    if (records > 0) this.starts.push({ ...place, ordinal: place.ordinal + blanks.length, bytes: byteLength })
    this.#options.emit({ type: 'BatchRead', split: this.#options.split, rows: text.rows, bytes: byteLength })
    piece.memory.setText(from, text.consumed)
    const columns = this.columns as readonly string[]
    const { source, bytes, missing, encoding } = this.#options
    const origins = new CsvOrigins(
      { source, columns, bytes, encoding, firstOrdinal: place.ordinal, firstLine: place.line, firstByte: from, blanks },
      piece,
      text,
    )
    return new RecordBatch({
      memory: piece.memory,
      schema: this.#schema as Schema,
      columns: columnsOf(piece.memory, text, { columns: columns.length, bytes, byteLength, missing }),
      rows: text.rows,
      live: liveMask(piece.memory, text.rows),
      origins,
      faults: origins,
      release: piece.release,
    })
  }

  /** Blank lines at the end of the text wait until a record follows: those at the end of the file are no records. */
  #holdBlanks(piece: Piece, text: ScannedText): ScannedText & { readonly trailing: BlankLine[] } {
    let held = text.faults.length
    while (held > 0 && isTrailingBlank(text, text.faults[held - 1] as CsvFault)) held--
    const before = text.rows + held === 0 ? this.#blanks.length : 0
    const run = before + text.faults.length - held
    if (run >= MAX_BLANKS) held += run - (run % MAX_BLANKS) - before
    const { lines } = text
    const trailing = text.faults.slice(held).map((fault, index, all) => ({
      byteOffset: piece.offset + fault.start - piece.start,
      line: this.lines + lines - all.length + index + 1,
    }))
    const { fields, rows, consumed, openLine } = text
    return { fields, rows, lines, consumed, openLine, faults: text.faults.slice(0, held), trailing }
  }
}

/** So many blank lines in a row are no end of a file but records: holding more back would cost memory without bound. */
export const MAX_BLANKS = 65_536

function isTrailingBlank(text: ScannedText, fault: CsvFault): boolean {
  return fault.code === 'blank-row' && fault.rowsBefore === text.rows
}

/**
 * Ends the last record of the input with a line end, and leaves a CR at the end of a piece to the next one, for it
 * may be half of a CRLF. Returns the end of the text to scan.
 */
export function terminate(piece: Pick<Piece, 'memory' | 'start' | 'end' | 'final'>): number {
  const { bytes } = piece.memory.linear
  const last = bytes[piece.end - 1]
  if (piece.end === piece.start) return piece.end
  if (!piece.final) return last === CR ? piece.end - 1 : piece.end
  if (last === LF || last === CR) return piece.end
  bytes[piece.end] = LF
  return piece.end + 1
}

const LF = 10
const CR = 13

function liveMask(memory: BatchMemory, rows: number): number {
  const live = memory.allocate(rows)
  memory.linear.bytes.fill(LIVE, live, live + rows)
  return live
}
