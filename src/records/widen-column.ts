import type { BatchMemory } from './batch-memory.ts'
import { type DataType, sameType } from './data-type.ts'
import { FixedColumn, type TypedColumn } from './typed-column.ts'
import { valueType } from './types/types.ts'

/** Whether each value of a type is one of the other: int32 in int64, decimals in those of more digits. */
export function widensTo(from: DataType, to: DataType): boolean {
  if (from.kind === 'decimal' && to.kind === 'decimal') return from.scale === to.scale && from.precision <= to.precision
  return sameType(from, to) || (from.kind === 'int32' && to.kind === 'int64')
}

/** The same values in a type that `widensTo` allows. */
export function widenColumn(memory: BatchMemory, column: TypedColumn, type: DataType): TypedColumn {
  if (!(column instanceof FixedColumn) || sameType(column.type, type)) return column
  const { rows, validity, failed } = column
  const from = valueType(column.type).bytes / 4
  const to = valueType(type).bytes / 4
  const address = from === to ? column.address : memory.allocate(rows * to * 4)
  if (from !== to) extendSigns(memory.linear.words, { from: column.address >>> 2, to: address >>> 2 }, rows, [from, to])
  return new FixedColumn(memory, { type, rows, address, validity, failed })
}

/** Numbers in two's complement, in words of which the lowest comes first. */
function extendSigns(
  words: Uint32Array,
  at: { readonly from: number; readonly to: number },
  rows: number,
  [from, to]: readonly [from: number, to: number],
): void {
  for (let row = 0; row < rows; row++) {
    const source = at.from + row * from
    const target = at.to + row * to
    for (let word = 0; word < from; word++) words[target + word] = words[source + word] as number
    const sign = (words[source + from - 1] as number) >> 31
    for (let word = from; word < to; word++) words[target + word] = sign
  }
}
