import type { BatchMemory } from '../../records/batch-memory.ts'
import type { Column } from '../../records/column.ts'
import { RecordBatch } from '../../records/record-batch.ts'
import { LIVE } from '../../records/span.ts'
import { SpanColumn } from '../../records/span-column.ts'
import { BytesColumn, FixedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'
import { Validity } from '../../records/validity.ts'

/** Rows of a batch in another order, all of them live. Columns are of text as bytes, or typed; no value is made. */
export function gatherRows(batch: RecordBatch, order: Uint32Array): RecordBatch {
  const { memory, schema, origins } = batch
  const rows = order.length
  const columns = batch.columns.map((column) => gather(memory, column, order))
  const live = memory.allocate(rows)
  memory.linear.bytes.fill(LIVE, live, live + rows)
  return new RecordBatch({ memory, schema, columns, rows, live, origins })
}

function gather(memory: BatchMemory, column: Column, order: Uint32Array): Column {
  const rows = order.length
  if (column instanceof FixedColumn) {
    const { type, address } = column
    const validity = gatherBits(memory, column.validity, order)
    return new FixedColumn(memory, { type, rows, address: gatherBytes(memory, column, address, order), validity })
  }
  const { address, stride } = column instanceof BytesColumn ? column.content : column.spans()
  const content = { address: memory.allocate(rows * 8), stride: 8 }
  const { words } = memory.linear
  for (let at = 0, to = content.address >>> 2; at < rows; at++, to += 2) {
    const from = (address + (order[at] as number) * stride) >>> 2
    words[to] = words[from] as number
    words[to + 1] = words[from + 1] as number
  }
  if (column instanceof BytesColumn) {
    const validity = gatherBits(memory, column.validity, order)
    return new BytesColumn(memory, { type: column.type, rows, content, validity })
  }
  return new SpanColumn(memory, content, rows, undefined, (column as SpanColumn).bytes)
}

function gatherBits(memory: BatchMemory, from: Validity, order: Uint32Array): Validity {
  const validity = Validity.none(memory, order.length)
  for (let at = 0; at < order.length; at++) if (from.has(order[at] as number)) validity.set(at)
  return validity
}

function gatherBytes(memory: BatchMemory, { type }: FixedColumn, from: number, order: Uint32Array): number {
  const { bytes: size } = valueType(type)
  const to = memory.allocate(order.length * size)
  const { bytes, words } = memory.linear
  if (size === 1) {
    for (let at = 0; at < order.length; at++) bytes[to + at] = bytes[from + (order[at] as number)] as number
    return to
  }
  const step = size >>> 2
  for (let at = 0, out = to >>> 2; at < order.length; at++, out += step) {
    const source = (from >>> 2) + (order[at] as number) * step
    for (let word = 0; word < step; word++) words[out + word] = words[source + word] as number
  }
  return to
}
