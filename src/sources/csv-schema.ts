import type { z } from 'zod'
import { SluiceError } from '../errors.ts'
import type { Cell, Column } from '../records/column.ts'
import { reject } from '../records/column-function.ts'
import { mapCells } from '../records/map-cells.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { SpanColumn } from '../records/span-column.ts'

/** The row that a zod object schema describes. */
export type SchemaShape = z.ZodObject

/** True for what `z.object(…)` makes, of any copy of zod. */
export function isObjectSchema(value: unknown): value is SchemaShape {
  const schema = value as { readonly shape?: unknown; readonly _zod?: { readonly def?: { readonly type?: unknown } } }
  return schema?._zod?.def?.type === 'object' && typeof schema.shape === 'object'
}

/**
 * Casts the columns that a schema names, after the source has read them as text: null stays for columns that may be
 * missing, text is cast to what the column's type wants, and then zod judges. What it refuses rejects the row with
 * `type-error`. Columns that the schema does not name stay as they are.
 */
export class SchemaCast {
  readonly #casts: ReadonlyMap<string, Cast>

  constructor(schema: SchemaShape) {
    const columns = Object.entries(schema.shape) as [string, z.ZodType][]
    this.#casts = new Map(columns.map(([name, type]) => [name, castBy(name, type)]))
  }

  /** Throws `missing-label` when the header lacks a column of the schema. */
  apply(batch: RecordBatch): RecordBatch {
    const columns = [...batch.columns]
    for (const [name, cast] of this.#casts) {
      const index = batch.schema.indexOf.get(name)
      if (index === undefined) throw missing(name, batch)
      const column = columns[index] as Column
      if (cast.anyText && column instanceof SpanColumn && !hasNull(batch, column)) continue
      columns[index] = mapCells(batch, [column], cast.call, { step: 'schema', column: name })
    }
    return batch.withColumns(batch.schema, columns)
  }
}

interface Cast {
  readonly call: (value: Cell) => unknown
  /** Any text will do, so that only missing values need a look. */
  readonly anyText: boolean
}

function hasNull(batch: RecordBatch, column: SpanColumn): boolean {
  const { kernels, linear } = batch.memory
  const out = batch.memory.allocate(batch.rows * 4 + 4)
  const { address, stride } = column.spans()
  kernels.findNulls(address, stride, batch.rows, batch.live, out)
  return linear.words[out >>> 2] !== 0
}

function missing(name: string, batch: RecordBatch): SluiceError {
  const known = batch.schema.columns.map((column) => `"${column}"`).join(', ')
  const text = `${batch.origins.source}: the schema has the column "${name}", the header has not. Its columns are ${known}.`
  return new SluiceError('missing-label', text, { context: { column: name } })
}

function castBy(name: string, type: z.ZodType): Cast {
  const { kind, optional, plain } = describe(type)
  const call = (value: Cell) => {
    const given = value === null ? (optional === 'undefined' ? undefined : null) : fromText(kind, value)
    const result = type.safeParse(given)
    if (result.success) return result.data ?? null
    const issues = result.error.issues.map((issue) => issue.message).join('; ')
    throw reject('type-error', `"${name}": ${issues}.`)
  }
  return { call, anyText: plain && kind === 'string' }
}

/** The type behind its wrappers, and how it takes a missing value. */
function describe(type: z.ZodType): { kind: string; optional: 'undefined' | 'null'; plain: boolean } {
  let inner = type as unknown as Inner
  let plain = true
  let optional: 'undefined' | 'null' = 'null'
  for (;;) {
    const { type: kind, innerType, in: input, checks, coerce, format } = inner._zod.def
    plain &&= (checks ?? []).length === 0 && !coerce && format === undefined && kind !== 'pipe' && kind !== 'default'
    if (kind === 'optional' || kind === 'default' || kind === 'prefault') optional = 'undefined'
    const next = innerType ?? (kind === 'pipe' ? input : undefined)
    if (next === undefined) return { kind, optional, plain }
    inner = next as unknown as Inner
  }
}

/** The part of zod's definitions that tells what a type wants. */
interface Inner {
  readonly _zod: {
    readonly def: {
      readonly type: string
      readonly innerType?: z.ZodType
      readonly in?: z.ZodType
      readonly checks?: readonly unknown[]
      readonly coerce?: boolean
      readonly format?: string
    }
  }
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** Text that does not look like the type stays text, so that zod names what it found. */
function fromText(kind: string, value: Cell): unknown {
  if (typeof value !== 'string') return value
  if (kind === 'number' || kind === 'int') return NUMBER.test(value) ? Number(value) : value
  if (kind === 'bigint') return /^[+-]?\d+$/.test(value) ? BigInt(value.replace('+', '')) : value
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  if (kind === 'date') return /^\d{4}-\d{2}-\d{2}/.test(value) ? new Date(value) : value
  return value
}
