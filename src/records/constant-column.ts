import type { BatchMemory } from './batch-memory.ts'
import type { DataType } from './data-type.ts'
import { BytesColumn, FixedColumn, type TypedColumn } from './typed-column.ts'
import { isBytes, valueType } from './types/types.ts'
import type { Physical } from './types/value-type.ts'
import { Validity, validityBytes } from './validity.ts'

/** The same value in every row: as columns hold it, text also as such. */
export function constantColumn(
  memory: BatchMemory,
  type: DataType,
  value: Physical | Uint8Array,
  rows: number,
): TypedColumn {
  const bits = memory.allocate(validityBytes(rows))
  memory.linear.bytes.fill(0xff, bits, bits + validityBytes(rows))
  const validity = new Validity(memory, bits)
  if (isBytes(type)) {
    const content = typeof value === 'string' ? Buffer.from(value) : (value as Uint8Array)
    const start = memory.allocate(content.length)
    memory.linear.bytes.set(content, start)
    const address = memory.allocate(rows * 8)
    const { words } = memory.linear
    for (let row = 0, at = address >>> 2; row < rows; row++, at += 2) {
      words[at] = start
      words[at + 1] = start + content.length
    }
    return new BytesColumn(memory, { type, rows, content: { address, stride: 8 }, validity })
  }
  const { bytes: width, write } = valueType(type)
  const address = memory.allocate(rows * width)
  for (let row = 0; row < rows; row++) write(memory.linear.bytes, address + row * width, value as Physical)
  return new FixedColumn(memory, { type, rows, address, validity })
}
