import type { BatchMemory } from '../records/batch-memory.ts'
import { type Cell, type Column, verbatimDialect } from '../records/column.ts'
import { ADDRESS, ESCAPED } from '../records/span.ts'
import { SpanColumn } from '../records/span-column.ts'
import { ValueColumn } from '../records/value-column.ts'
import type { CsvBytes } from './csv-bytes.ts'
import { unescapeCell } from './csv-other-record.ts'
import type { ScannedText } from './csv-scan.ts'

export interface ColumnOptions {
  readonly columns: number
  readonly bytes: CsvBytes
  /** Of all cells together, at most. */
  readonly byteLength: number
  /** Texts that mean null, where that is not just the empty one. */
  readonly missing: ReadonlySet<string> | undefined
}

/** The columns of a scanned text: spans nobody looked at, unless the dialect or the missing values ask for a look. */
export function columnsOf(memory: BatchMemory, text: ScannedText, options: ColumnOptions): readonly Column[] {
  const { columns, bytes, byteLength, missing } = options
  const verbatim = verbatimDialect(bytes)
  const stride = columns * 8
  return Array.from({ length: columns }, (_, column) => {
    const spans = { address: text.fields + column * 8, stride }
    if (bytes.other === undefined && missing === undefined) {
      return new SpanColumn(memory, spans, text.rows, verbatim, byteLength)
    }
    const cells = Array.from({ length: text.rows }, (_, row) => decode(memory, spans.address + row * stride, bytes))
    const isMissing = (cell: string) => (missing === undefined ? cell === '' : missing.has(cell))
    return new ValueColumn(
      memory,
      cells.map((cell): Cell => (isMissing(cell) ? null : cell)),
    )
  })
}

function decode(memory: BatchMemory, span: number, dialect: CsvBytes): string {
  const { words, bytes } = memory.linear
  const stop = words[(span >>> 2) + 1] as number
  const text = bytes.toString('utf8', words[span >>> 2], stop & ADDRESS)
  return stop & ESCAPED ? unescapeCell(text, dialect) : text
}
