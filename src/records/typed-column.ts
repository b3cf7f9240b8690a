import type { BatchMemory } from './batch-memory.ts'
import type { Cell, Column } from './column.ts'
import type { DataType } from './data-type.ts'
import type { Spans } from './span.ts'
import { type BytesKind, valueType } from './types/types.ts'
import type { ValueType } from './types/value-type.ts'
import type { Validity } from './validity.ts'
import { encodeCells } from './value-column.ts'

/** A column whose values all are of one type, and may be null whatever they look like as text. */
export interface TypedColumn extends Column {
  readonly type: DataType
  readonly validity: Validity
}

export function isTyped(column: Column): column is TypedColumn {
  return column instanceof FixedColumn || column instanceof BytesColumn
}

/** The same values, of which those of more rows could not be made. */
export function withFailed(memory: BatchMemory, column: TypedColumn, failed: ReadonlySet<number>): TypedColumn {
  const { rows, validity } = column
  if (column instanceof FixedColumn) {
    return new FixedColumn(memory, { type: column.type, rows, address: column.address, validity, failed })
  }
  const { type, content } = column as BytesColumn
  return new BytesColumn(memory, { type, rows, content, validity, failed })
}

/**
 * Values that all take the same room, one behind another at `address`, little-endian: booleans one byte, days four,
 * decimals of more than 18 digits 16 in two's complement; UUIDs 16 in the order of their text. What stands in place of a
 * null is undefined.
 */
export class FixedColumn implements TypedColumn {
  readonly type: DataType
  readonly rows: number
  readonly address: number
  readonly validity: Validity
  readonly failed: ReadonlySet<number> | undefined
  /** Digits, letters, and what stands in numbers and times. */
  readonly verbatim = 'plain'
  readonly #memory: BatchMemory
  readonly #values: ValueType
  #cells: readonly Cell[] | undefined
  #spans: Spans | undefined

  constructor(memory: BatchMemory, parts: FixedParts) {
    this.#memory = memory
    this.type = parts.type
    this.rows = parts.rows
    this.address = parts.address
    this.validity = parts.validity
    this.failed = parts.failed?.size === 0 ? undefined : parts.failed
    this.#values = valueType(parts.type)
  }

  value(row: number): Cell {
    return this.validity.has(row) ? this.#values.cell(this.#read(row)) : null
  }

  values(): readonly Cell[] {
    this.#cells ??= Array.from({ length: this.rows }, (_, row) => this.value(row))
    return this.#cells
  }

  spans(): Spans {
    this.#spans ??= encodeCells(this.#memory, this.#texts()).spans
    return this.#spans
  }

  /** The value as text, exactly; null for a null. */
  text(row: number): string | null {
    return this.validity.has(row) ? this.#values.text(this.#read(row)) : null
  }

  #texts(): readonly Cell[] {
    return Array.from({ length: this.rows }, (_, row) => this.text(row))
  }

  #read(row: number): ReturnType<ValueType['read']> {
    return this.#values.read(this.#memory.linear.bytes, this.address + row * this.#values.bytes)
  }
}

export interface FixedParts {
  readonly type: DataType
  readonly rows: number
  readonly address: number
  readonly validity: Validity
  readonly failed?: ReadonlySet<number> | undefined
}

/** Text or bytes of any length, in spans without flags; an empty one is a value unless its bit says null. */
export class BytesColumn implements TypedColumn {
  readonly type: { readonly kind: BytesKind }
  readonly rows: number
  readonly content: Spans
  readonly validity: Validity
  readonly failed: ReadonlySet<number> | undefined
  readonly #memory: BatchMemory
  #cells: readonly Cell[] | undefined
  #encoded: { readonly spans: Spans; readonly plain: boolean } | undefined

  constructor(memory: BatchMemory, parts: BytesParts) {
    this.#memory = memory
    this.type = parts.type
    this.rows = parts.rows
    this.content = parts.content
    this.validity = parts.validity
    this.failed = parts.failed?.size === 0 ? undefined : parts.failed
  }

  get verbatim(): string | undefined {
    return this.#encode().plain ? 'plain' : undefined
  }

  value(row: number): Cell {
    if (!this.validity.has(row)) return null
    const { words, bytes } = this.#memory.linear
    const at = (this.content.address + row * this.content.stride) >>> 2
    const [start, end] = [words[at] as number, words[at + 1] as number]
    // A copy: the memory is used again, and whoever got the value may keep it.
    return this.type.kind === 'string' ? bytes.toString('utf8', start, end) : Buffer.from(bytes.subarray(start, end))
  }

  values(): readonly Cell[] {
    this.#cells ??= Array.from({ length: this.rows }, (_, row) => this.value(row))
    return this.#cells
  }

  spans(): Spans {
    return this.#encode().spans
  }

  #encode(): { readonly spans: Spans; readonly plain: boolean } {
    this.#encoded ??= encodeCells(this.#memory, this.values())
    return this.#encoded
  }
}

export interface BytesParts {
  readonly type: { readonly kind: BytesKind }
  readonly rows: number
  readonly content: Spans
  readonly validity: Validity
  readonly failed?: ReadonlySet<number> | undefined
}
