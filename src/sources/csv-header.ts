import { isUtf8 } from 'node:buffer'
import { SluiceError } from '../errors.ts'
import { ADDRESS, ESCAPED } from '../records/span.ts'
import type { Piece } from '../storage/piece-reader.ts'
import type { CsvBytes } from './csv-bytes.ts'
import { startsWith, unescapeCell } from './csv-other-record.ts'
import { afterLineEnd, lineEnd, parseRecord } from './csv-record.ts'

export interface HeaderOptions {
  readonly source: string
  readonly bytes: CsvBytes
  readonly header: boolean | readonly string[]
  readonly skipLines: number
  readonly maxRecordBytes: number
}

/**
 * The names of the columns, and the address of the first record. Undefined when the piece must be longer to tell.
 * Throws `header-unreadable`, `blank-label`, `duplicate-label`.
 */
export function readHeader(
  piece: Piece,
  end: number,
  options: HeaderOptions,
): { readonly columns: readonly string[]; readonly next: number } | undefined {
  const { header, source } = options
  const from = skip(piece, end, options)
  if (from === undefined) return undefined
  if (typeof header !== 'boolean') return { columns: checkLabels(header, `the header of ${source}`, 0), next: from }
  if (from >= end && piece.final) return { columns: [], next: end }
  const { bytes } = piece.memory.linear
  const limit = Math.min(end, from + options.maxRecordBytes + 1)
  const record = parseRecord(bytes, from, limit, options.bytes)
  if (record.kind === 'open' && !piece.final && limit === end) return undefined
  const line = piece.memory.kernels.countLines(piece.start, from) + 1
  if (record.kind !== 'record' || (header && !isUtf8(bytes.subarray(from, record.end)))) {
    const fix = 'Correct its quotes or its encoding, or name the columns with `header: [ … ]` and `skipLines`.'
    throw new SluiceError('header-unreadable', `${source}, line ${line}: the header cannot be read. ${fix}`)
  }
  if (!header) return { columns: numberedLabels(record.cells.length / 2), next: from }
  return {
    columns: checkLabels(labelsOf(bytes, record.cells, options.bytes), source, line),
    next: afterLineEnd(bytes, record.end, end),
  }
}

/** Behind the byte-order mark and the lines to skip. */
function skip(piece: Piece, end: number, { skipLines, bytes: dialect }: HeaderOptions): number | undefined {
  const { bytes } = piece.memory.linear
  let at = piece.start
  const mark = BYTE_ORDER_MARK.subarray(0, end - at)
  if (mark.equals(bytes.subarray(at, at + mark.length))) {
    if (mark.length < BYTE_ORDER_MARK.length && !piece.final) return undefined
    if (mark.length === BYTE_ORDER_MARK.length) at += mark.length
  }
  for (let line = 0; line < skipLines; line++) {
    const stop = lineEnd(bytes, at, end)
    if (stop === end && !piece.final) return undefined
    at = afterLineEnd(bytes, stop, end)
  }
  return skipComments(piece, at, end, dialect)
}

function skipComments(piece: Piece, from: number, end: number, { other }: CsvBytes): number | undefined {
  const { bytes } = piece.memory.linear
  let at = from
  while (other?.comment !== undefined && startsWith(bytes, at, end, other.comment)) {
    const stop = lineEnd(bytes, at, end)
    if (stop === end && !piece.final) return undefined
    at = afterLineEnd(bytes, stop, end)
  }
  return at
}

const BYTE_ORDER_MARK = Buffer.of(0xef, 0xbb, 0xbf)

function labelsOf(bytes: Buffer, cells: readonly number[], dialect: CsvBytes): readonly string[] {
  return Array.from({ length: cells.length / 2 }, (_, column) => {
    const start = cells[column * 2] as number
    const end = cells[column * 2 + 1] as number
    const label = bytes.toString('utf8', start, end & ADDRESS)
    return end & ESCAPED ? unescapeCell(label, dialect) : label
  })
}

/** The labels of a header, checked. Throws `blank-label`, `duplicate-label`. */
function checkLabels(labels: readonly string[], source: string, line: number): readonly string[] {
  const seen = new Map<string, number>()
  const fix = 'Correct the header, or name the columns with `header: [ … ]` and `skipLines`.'
  return labels.map((label, index) => {
    const place = line === 0 ? `${source}, column ${index + 1}` : `${source}, line ${line}, column ${index + 1}`
    if (label.trim() === '') {
      throw new SluiceError('blank-label', `${place}: the header has a column without a name. ${fix}`)
    }
    const first = seen.get(label)
    if (first !== undefined) {
      const text = `${place}: the header names "${label}" again, as column ${first + 1} does. ${fix}`
      throw new SluiceError('duplicate-label', text, { context: { column: label } })
    }
    seen.set(label, index)
    return label
  })
}

/** Names for the columns of a file without a header: column_1, column_2, … */
function numberedLabels(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `column_${index + 1}`)
}
