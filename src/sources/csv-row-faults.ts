import { isUtf8 } from 'node:buffer'
import type { BatchMemory } from '../records/batch-memory.ts'
import { ADDRESS } from '../records/span.ts'
import type { CsvBytes } from './csv-bytes.ts'
import type { CsvFault, FaultCode } from './csv-fault.ts'

/** The spans of rows of equal length. */
export interface RowTable {
  readonly memory: BatchMemory
  readonly fields: number
  readonly columns: number
}

/** The bytes of a row, quotes included, without its line end. */
export function rowBytes({ memory, fields, columns }: RowTable, row: number): { start: number; end: number } {
  const { words } = memory.linear
  const first = (fields >>> 2) + row * columns * 2
  const last = words[first + columns * 2 - 1] as number
  const start = (words[first] as number) - ((words[first + 1] as number) >>> 31)
  return { start, end: (last & ADDRESS) + (last >>> 31) }
}

/** The rows, out of the text in [from, end), that are not valid UTF-8. */
export function notUtf8(table: RowTable, rows: number, from: number, end: number): readonly number[] {
  const { bytes } = table.memory.linear
  if (isUtf8(bytes.subarray(from, end))) return []
  const bad: number[] = []
  for (let row = 0; row < rows; row++) {
    const { start, end } = rowBytes(table, row)
    if (!isUtf8(bytes.subarray(start, end))) bad.push(row)
  }
  return bad
}

/** The rows with a U+FFFD, which a decoder puts where it could not read. */
export function replaced(table: RowTable, rows: number): readonly number[] {
  const { bytes } = table.memory.linear
  const bad: number[] = []
  for (let row = 0; row < rows; row++) {
    const { start, end } = rowBytes(table, row)
    if (bytes.subarray(start, end).includes('\ufffd')) bad.push(row)
  }
  return bad
}

/** Rows whose every cell is its column's label, found by the first one. */
export function repeatedHeaders(
  table: RowTable,
  rows: number,
  labels: readonly string[],
  { quote }: CsvBytes,
): readonly number[] {
  if (rows === 0 || labels.length === 0) return []
  const { memory, fields, columns } = table
  const { linear, kernels } = memory
  // Cells are compared as they stand in the text: with doubled quotes.
  const mark = quote < 0 ? '' : String.fromCharCode(quote)
  const [first, ...others] = labels.map((label) =>
    Buffer.from(mark === '' ? label : label.replaceAll(mark, mark + mark)),
  )
  const { length } = first as Buffer
  const text = memory.allocate(length)
  const out = memory.allocate(rows * 4 + 4)
  linear.bytes.set(first as Buffer, text)
  kernels.findCell(fields, columns * 8, rows, text, length, out)
  const { bytes, words } = linear
  const found = words.subarray((out >>> 2) + 1, (out >>> 2) + 1 + (words[out >>> 2] as number))
  return [...found].filter((row) =>
    others.every((label, index) => {
      const span = (fields >>> 2) + (row * columns + index + 1) * 2
      return label.equals(bytes.subarray(words[span] as number, (words[span + 1] as number) & ADDRESS))
    }),
  )
}

/** Makes faults of the rows `bad` (ascending); the rows behind them move up. Returns how many rows are left. */
export function rejectRows(
  table: RowTable,
  rows: number,
  faults: CsvFault[],
  code: FaultCode,
  bad: readonly number[],
): number {
  const { words } = table.memory.linear
  const width = table.columns * 2
  const base = table.fields >>> 2
  const old = faults.splice(0)
  let next = 0
  let kept = 0
  const takeOld = (row: number) => {
    while (next < old.length && (old[next] as CsvFault).rowsBefore <= row) {
      faults.push({ ...(old[next++] as CsvFault), rowsBefore: kept })
    }
  }
  const rejected = new Set(bad)
  for (let row = 0; row < rows; row++) {
    takeOld(row)
    if (rejected.has(row)) {
      faults.push({ code, rowsBefore: kept, ...rowBytes(table, row), detail: 0 })
    } else {
      words.copyWithin(base + kept * width, base + row * width, base + (row + 1) * width)
      kept++
    }
  }
  takeOld(rows)
  return kept
}
