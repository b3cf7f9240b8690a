import type { z } from 'zod'
import { SluiceError } from '../errors.ts'
import type { Cell } from '../records/column.ts'
import { reject } from '../records/column-function.ts'
import type { DataType, Kind } from '../records/data-type.ts'
import { mapCells } from '../records/map-cells.ts'
import { isBeyondNumbers, isNoDay, readBigInt, readDate, readNumber } from '../records/read-value.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { type Schema, schemaOfFields, untyped } from '../records/schema.ts'
import { SpanColumn } from '../records/span-column.ts'
import { isTyped, withFailed } from '../records/typed-column.ts'
import { isAsync, type RowChecks, rowChecksOf } from './csv-schema-checks.ts'

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
 * `type-error`; what it says of the whole row, with `schema-check`. Columns that the schema does not name stay as they
 * are, unless its `catchall` says what they must be; a strict schema has none.
 */
export class SchemaCast {
  readonly #casts: ReadonlyMap<string, Cast>
  readonly #catchall: z.ZodType | undefined
  readonly #checks: RowChecks | undefined
  #header: Schema | undefined
  /** What the columns are after the cast; undefined when it is the header. */
  #schema: Schema | undefined
  /** Of the columns of the header. */
  #plan: readonly (Cast | undefined)[] = []

  constructor(schema: SchemaShape) {
    const columns = Object.entries(schema.shape) as [string, z.ZodType][]
    this.#casts = new Map(columns.map(([name, type]) => [name, castBy(name, type)]))
    this.#catchall = schema._zod.def.catchall as z.ZodType | undefined
    this.#checks = rowChecksOf(
      schema,
      new Set(columns.flatMap(([name]) => (this.#casts.get(name)?.absent ? name : []))),
    )
  }

  /** Throws `missing-label`, `extra-label` when the header is not what the schema wants. */
  apply(batch: RecordBatch): RecordBatch {
    if (batch.schema !== this.#header) this.#bind(batch)
    const columns = batch.columns.map((column, index) => {
      const cast = this.#plan[index]
      if (cast === undefined) return column
      if (cast.anyText && column instanceof SpanColumn && !hasNull(batch, column)) return column
      const made = mapCells(batch, [column], cast.call, {
        step: 'schema',
        column: batch.schema.columns[index] as string,
      })
      if (!isTyped(column) || !cast.keeps(column.type)) return made
      return made.failed === undefined ? column : withFailed(batch.memory, column, made.failed)
    })
    const typed = batch.withColumns(this.#schema ?? batch.schema, columns)
    this.#checks?.(typed)
    return typed
  }

  #bind(batch: RecordBatch): void {
    const { columns, indexOf } = batch.schema
    const missing = [...this.#casts.keys()].find((name) => !indexOf.has(name))
    if (missing !== undefined) throw missingLabel(missing, batch)
    this.#plan = columns.map((name) => this.#casts.get(name) ?? this.#castOther(name, batch))
    this.#header = batch.schema
    const fields = batch.schema.fields.map((field, index) => {
      const cast = this.#plan[index]
      return field.type === undefined || cast === undefined || cast.keeps(field.type) ? field : untyped(field.name)
    })
    const changed = fields.some((field, index) => field !== batch.schema.fields[index])
    this.#schema = changed ? schemaOfFields(fields) : undefined
  }

  /** What becomes of a column that the schema does not name. */
  #castOther(name: string, batch: RecordBatch): Cast | undefined {
    const type = this.#catchall
    const kind = type?._zod.def.type
    if (type === undefined || kind === 'unknown' || kind === 'any') return undefined
    if (kind === 'never') throw extraLabel(name, batch)
    return castBy(name, type)
  }
}

interface Cast {
  readonly call: (value: Cell) => unknown
  /** Any text will do, so that only missing values need a look. */
  readonly anyText: boolean
  /** True when values of that type stay what they are, so that their column may. */
  readonly keeps: (type: DataType) => boolean
  /** Zod knows a missing value as undefined. */
  readonly absent: boolean
}

function hasNull(batch: RecordBatch, column: SpanColumn): boolean {
  const { kernels, linear } = batch.memory
  const out = batch.memory.allocate(batch.rows * 4 + 4)
  const { address, stride } = column.spans()
  kernels.findNulls(address, stride, batch.rows, batch.live, out)
  return linear.words[out >>> 2] !== 0
}

function missingLabel(name: string, batch: RecordBatch): SluiceError {
  const known = batch.schema.columns.map((column) => `"${column}"`).join(', ')
  const text = `${batch.origins.source}: the schema has the column "${name}", the header has not. Its columns are ${known}.`
  return new SluiceError('missing-label', text, { context: { column: name } })
}

function extraLabel(name: string, batch: RecordBatch): SluiceError {
  const fix = 'Name it in the schema, or use a schema that is not strict.'
  const text = `${batch.origins.source}: the header has the column "${name}", which the strict schema does not name. ${fix}`
  return new SluiceError('extra-label', text, { context: { column: name } })
}

function castBy(name: string, type: z.ZodType): Cast {
  const { kind, absent, nullable, coerced, plain, changes } = describe(type)
  const refuse = (what: string) => reject('type-error', `"${name}": ${what}.`)
  const call = (value: Cell) => {
    // Coercion would make 0, the beginning of 1970 or "null" of what is not there.
    if (value === null && coerced && !absent && !nullable) throw refuse('the value is missing')
    if ((kind === 'number' || kind === 'int') && isBeyond(value)) {
      throw refuse('the value is beyond 2^53, where numbers leave some out: make it a z.bigint()')
    }
    if (kind === 'date' && typeof value === 'string' && isNoDay(value)) throw refuse('there is no such day')
    const result = parse(type, value === null ? (absent ? undefined : null) : toKind(kind, value))
    if (result.success) return result.data ?? null
    throw refuse(result.error.issues.map((issue) => issue.message).join('; '))
  }
  const keeps = (of: DataType) => !changes && (KEPT[kind]?.includes(of.kind) ?? false)
  return { call, absent, anyText: plain && kind === 'string', keeps }
}

function isBeyond(value: Cell): boolean {
  if (typeof value === 'bigint') return !Number.isSafeInteger(Number(value))
  return typeof value === 'string' && isBeyondNumbers(value)
}

/** The types whose values zod's type takes as they are. */
const KEPT: Readonly<Record<string, readonly Kind[]>> = {
  string: ['string', 'uuid', 'decimal', 'time'],
  number: ['int32', 'float64'],
  bigint: ['int64'],
  boolean: ['boolean'],
  date: ['date', 'timestamp', 'timestamptz'],
}

function parse(type: z.ZodType, value: unknown) {
  try {
    return type.safeParse(value)
  } catch (error) {
    throw isAsync(error) ? new TypeError('the schema is asynchronous; only mapRows may be') : error
  }
}

interface Description {
  /** The type behind its wrappers. */
  readonly kind: string
  /** It takes undefined for a missing value, else null. */
  readonly absent: boolean
  readonly nullable: boolean
  readonly coerced: boolean
  /** Nothing is checked but the type. */
  readonly plain: boolean
  /** What comes out may be another value than went in. */
  readonly changes: boolean
}

function describe(type: z.ZodType): Description {
  let inner = type as unknown as Inner
  let plain = true
  let [absent, nullable, coerced, changes] = [false, false, false, false]
  for (;;) {
    const { type: kind, innerType, in: input, checks, coerce, format } = inner._zod.def
    plain &&= (checks ?? []).length === 0 && !coerce && format === undefined && kind !== 'pipe' && kind !== 'default'
    absent ||= kind === 'optional' || kind === 'default' || kind === 'prefault'
    nullable ||= kind === 'nullable'
    coerced ||= coerce === true
    changes ||= CHANGING.has(kind) || coerced || (checks ?? []).some((check) => check._zod.def.check === 'overwrite')
    const next = innerType ?? (kind === 'pipe' ? input : undefined)
    if (next === undefined) return { kind, absent, nullable, coerced, plain, changes }
    inner = next as unknown as Inner
  }
}

const CHANGING: ReadonlySet<string> = new Set(['pipe', 'default', 'prefault', 'catch', 'transform'])

/** The part of zod's definitions that tells what a type wants. */
interface Inner {
  readonly _zod: {
    readonly def: {
      readonly type: string
      readonly innerType?: z.ZodType
      readonly in?: z.ZodType
      readonly checks?: readonly { readonly _zod: { readonly def: { readonly check: string } } }[]
      readonly coerce?: boolean
      readonly format?: string
    }
  }
}

/** Text that does not look like the type stays text, so that zod names what it found. */
function toKind(kind: string, value: Cell): unknown {
  if (kind === 'number' || kind === 'int') {
    if (typeof value === 'bigint') return Number(value)
    return typeof value === 'string' ? (readNumber(value) ?? value) : value
  }
  if (kind === 'bigint') {
    if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
    return typeof value === 'string' ? (readBigInt(value) ?? value) : value
  }
  if (typeof value !== 'string') return value
  if (kind === 'boolean') return value === 'true' ? true : value === 'false' ? false : value
  if (kind === 'date') return readDate(value) ?? value
  return value
}
