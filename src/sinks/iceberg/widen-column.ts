import type { BatchMemory } from '../../records/batch-memory.ts'
import { type DataType, sameType } from '../../records/data-type.ts'
import { FixedColumn, type TypedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'

/** The same values in a type that holds all of them; undefined for any other type. */
export function widenColumn(memory: BatchMemory, column: TypedColumn, to: DataType): TypedColumn | undefined {
  if (sameType(column.type, to)) return column
  if (!(column instanceof FixedColumn) || !holds(column.type, to)) return undefined
  const { rows, validity, failed } = column
  const [narrow, wide] = [valueType(column.type), valueType(to)]
  // A decimal of more digits may take no more bytes.
  if (narrow.bytes === wide.bytes) {
    return new FixedColumn(memory, { type: to, rows, address: column.address, validity, failed })
  }
  const address = memory.allocate(rows * wide.bytes)
  const { bytes } = memory.linear
  for (let row = 0; row < rows; row++) {
    if (!validity.has(row)) continue
    const value = narrow.read(bytes, column.address + row * narrow.bytes)
    wide.write(bytes, address + row * wide.bytes, BigInt(value))
  }
  return new FixedColumn(memory, { type: to, rows, address, validity, failed })
}

function holds(from: DataType, to: DataType): boolean {
  if (from.kind === 'int32') return to.kind === 'int64'
  return from.kind === 'decimal' && to.kind === 'decimal' && from.scale === to.scale && from.precision < to.precision
}
