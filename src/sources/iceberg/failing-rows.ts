import type { BatchMemory } from '../../records/batch-memory.ts'
import { BytesColumn, type FixedColumn, type TypedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'
import { type Condition, holds } from '../../storage/iceberg/condition.ts'
import type { SingleValue } from '../../storage/iceberg/single-value.ts'

/**
 * The rows of which some condition does not hold, ascending. A value that could not be read fails none: its row goes to the
 * dead letters.
 */
export function failingRows(
  memory: BatchMemory,
  conditions: readonly (readonly [Condition, TypedColumn])[],
  rows: number,
): readonly number[] {
  if (conditions.length === 0) return []
  const tests = conditions.map(([condition, column]) => testOf(memory, condition, column))
  const failing: number[] = []
  for (let row = 0; row < rows; row++) if (!tests.every((test) => test(row))) failing.push(row)
  return failing
}

function testOf(memory: BatchMemory, condition: Condition, column: TypedColumn): (row: number) => boolean {
  const { failed, validity } = column
  const value = valuesOf(memory, column)
  return (row) => failed?.has(row) || holds(condition, validity.has(row) ? value(row) : null)
}

function valuesOf({ linear }: BatchMemory, column: TypedColumn): (row: number) => SingleValue {
  if (column instanceof BytesColumn) {
    const { address, stride } = column.content
    return (row) => {
      const at = (address + row * stride) >>> 2
      return linear.bytes.subarray(linear.words[at], linear.words[at + 1])
    }
  }
  const { address } = column as FixedColumn
  const type = valueType(column.type)
  return (row) => type.read(linear.bytes, address + row * type.bytes)
}
