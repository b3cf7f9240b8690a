import type { BatchMemory } from '../../records/batch-memory.ts'
import { BytesColumn, type FixedColumn, type TypedColumn } from '../../records/typed-column.ts'
import { valueType } from '../../records/types/types.ts'
import { type Condition, holds, type Limit, type Limits, lies } from '../../storage/iceberg/condition.ts'
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
  const passes =
    column instanceof BytesColumn ? bytesTest(memory, condition, column) : fixedTest(memory, condition, column as never)
  return (row) => {
    if (failed?.has(row)) return true
    if (!validity.has(row) || condition.isNull) return condition.isNull && !validity.has(row)
    return passes(row)
  }
}

function fixedTest({ linear }: BatchMemory, condition: Condition, { address, type }: FixedColumn) {
  const { bytes, read } = valueType(type)
  return (row: number) => holds(condition, read(linear.bytes, address + row * bytes))
}

/** Compares bytes where they lie: an object for each of them would be most of the work. */
function bytesTest({ linear }: BatchMemory, condition: Condition, { content }: BytesColumn) {
  const { address, stride } = content
  const limits = limitsInBytes(condition)
  let [start, end] = [0, 0]
  const order = (limit: Buffer) => linear.bytes.compare(limit, 0, limit.length, start, end)
  return (row: number) => {
    const at = (address + row * stride) >>> 2
    start = linear.words[at] as number
    end = linear.words[at + 1] as number
    return lies(limits, order)
  }
}

function limitsInBytes({ among, lower, upper }: Condition): Limits<Buffer> {
  const bytes = (value: SingleValue) => Buffer.from(value as Uint8Array)
  const edge = (limit: Limit | undefined) => (limit === undefined ? undefined : { ...limit, value: bytes(limit.value) })
  return { among: among?.map(bytes), lower: edge(lower), upper: edge(upper) }
}
