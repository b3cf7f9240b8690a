import { BatchMemory } from '../batch-memory.ts'
import { DetachedOrigins } from '../detached-origins.ts'
import { loadKernels } from '../kernels/load.ts'
import { LinearMemory } from '../linear-memory.ts'
import { RecordBatch } from '../record-batch.ts'
import { schemaOf } from '../schema.ts'
import { ADDRESS, ESCAPED, GONE, LIVE, QUOTED } from '../span.ts'
import { SpanColumn } from '../span-column.ts'

const linear = new LinearMemory()
const memory = new BatchMemory(linear, loadKernels(linear))

/**
 * A batch of columns of text, as a source of CSV gives them; a cell with quotes is escaped. All batches share one memory:
 * the next one ends the life of the one before.
 */
export function textBatch(
  columns: Readonly<Record<string, readonly (string | null)[]>>,
  gone: ReadonlySet<number> = new Set(),
): RecordBatch {
  memory.reset()
  const names = Object.keys(columns)
  const rows = Object.values(columns)[0]?.length ?? 0
  const live = memory.allocate(rows)
  for (let row = 0; row < rows; row++) linear.bytes[live + row] = gone.has(row) ? GONE : LIVE
  return new RecordBatch({
    memory,
    schema: schemaOf(names),
    columns: Object.values(columns).map(spanColumn),
    rows,
    live,
    origins: new DetachedOrigins('test', names, []),
  })
}

function spanColumn(cells: readonly (string | null)[]): SpanColumn {
  const texts = cells.map((cell) => (cell?.includes('"') ? `"${cell.replaceAll('"', '""')}"` : (cell ?? '')))
  const spans = memory.allocate(texts.length * 8)
  const text = memory.allocate(Buffer.byteLength(texts.join('')))
  const { bytes, words } = memory.linear
  let at = text
  texts.forEach((cell, row) => {
    const end = at + bytes.write(cell, at)
    const quotes = cell.startsWith('"') ? 1 : 0
    words[(spans >>> 2) + row * 2] = at + quotes
    words[(spans >>> 2) + row * 2 + 1] = (((end - quotes) & ADDRESS) | (quotes ? QUOTED | ESCAPED : 0)) >>> 0
    at = end
  })
  return new SpanColumn(memory, { address: spans, stride: 8 }, texts.length, undefined, at - text)
}
