import type { BatchMemory } from './batch-memory.ts'
import type { Cell } from './column.ts'
import type { DataType } from './data-type.ts'
import { BytesColumn, FixedColumn, type TypedColumn } from './typed-column.ts'
import { type BytesKind, isBytes, valueType } from './types/types.ts'
import { Validity } from './validity.ts'

/**
 * A column of a type out of what functions made. `refuse` hears of each row whose value the type cannot hold exactly;
 * the row is null then. Rows that have failed before are null without a word.
 */
export function typedValues(
  memory: BatchMemory,
  type: DataType,
  cells: readonly (Cell | undefined)[],
  refuse: (row: number) => void,
  failed?: ReadonlySet<number>,
): TypedColumn {
  return isBytes(type)
    ? bytesValues(memory, type, cells, refuse, failed)
    : fixedValues(memory, type, cells, refuse, failed)
}

function fixedValues(
  memory: BatchMemory,
  type: DataType,
  cells: readonly (Cell | undefined)[],
  refuse: (row: number) => void,
  failed?: ReadonlySet<number>,
): FixedColumn {
  const values = valueType(type)
  const rows = cells.length
  const address = memory.allocate(rows * values.bytes)
  const validity = Validity.none(memory, rows)
  const { bytes } = memory.linear
  cells.forEach((cell, row) => {
    if (cell === null || cell === undefined || failed?.has(row)) return
    const value = values.take(cell)
    if (value === undefined) refuse(row)
    else {
      values.write(bytes, address + row * values.bytes, value)
      validity.set(row)
    }
  })
  return new FixedColumn(memory, { type, rows, address, validity, failed })
}

function bytesValues(
  memory: BatchMemory,
  type: { readonly kind: BytesKind },
  cells: readonly (Cell | undefined)[],
  refuse: (row: number) => void,
  failed?: ReadonlySet<number>,
): BytesColumn {
  const rows = cells.length
  const spans = memory.allocate(rows * 8)
  const validity = Validity.none(memory, rows)
  const contents = cells.map((cell, row) => {
    if (cell === null || cell === undefined || failed?.has(row)) return EMPTY
    const content = type.kind === 'string' ? textOf(cell) : bytesOf(cell)
    if (content === undefined) refuse(row)
    else validity.set(row)
    return content ?? EMPTY
  })
  const arena = memory.allocate(contents.reduce((sum, content) => sum + content.length, 0))
  const { bytes, words } = memory.linear
  let end = arena
  contents.forEach((content, row) => {
    bytes.set(content, end)
    words[(spans >>> 2) + row * 2] = end
    end += content.length
    words[(spans >>> 2) + row * 2 + 1] = end
  })
  return new BytesColumn(memory, { type, rows, content: { address: spans, stride: 8 }, validity, failed })
}

const EMPTY = Buffer.alloc(0)

/** Anything but text must be cast to it by name: how a number or a date is to look is not ours to guess. */
function textOf(cell: NonNullable<Cell>): Uint8Array | undefined {
  return typeof cell === 'string' ? Buffer.from(cell) : undefined
}

/** Bytes as they are, text as Base64 (RFC 4648). */
function bytesOf(cell: NonNullable<Cell>): Uint8Array | undefined {
  if (cell instanceof Uint8Array) return cell
  if (typeof cell !== 'string' || !BASE64.test(cell)) return undefined
  return Buffer.from(cell, 'base64')
}

const BASE64 = /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/
