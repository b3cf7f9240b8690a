import type { z } from 'zod'
import { SluiceError } from '../errors.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { type Schema, schemaOfFields } from '../records/schema.ts'
import { type RowChecks, rowChecksOf } from './csv-schema-checks.ts'
import { castBySchema } from './schema-cast.ts'
import { SchemaCell } from './schema-cell.ts'

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
  readonly #cells: ReadonlyMap<string, SchemaCell>
  readonly #catchall: z.ZodType | undefined
  readonly #checks: RowChecks | undefined
  #header: Schema | undefined
  /** Of the columns of the header. */
  #plan: readonly (SchemaCell | undefined)[] = []
  #schema!: Schema

  constructor(schema: SchemaShape) {
    const columns = Object.entries(schema.shape) as [string, z.ZodType][]
    this.#cells = new Map(columns.map(([name, type]) => [name, new SchemaCell(name, type)]))
    this.#catchall = schema._zod.def.catchall as z.ZodType | undefined
    const absent = [...this.#cells].flatMap(([name, { column }]) => (column.absent ? name : []))
    this.#checks = rowChecksOf(schema, new Set(absent))
  }

  /** Throws `missing-label`, `extra-label` when the header is not what the schema wants. */
  apply(batch: RecordBatch): RecordBatch {
    if (batch.schema !== this.#header) this.#bind(batch)
    const columns = batch.columns.map((column, index) => {
      const cell = this.#plan[index]
      return cell === undefined ? column : castBySchema(batch, column, cell)
    })
    const typed = batch.withColumns(this.#schema, columns)
    this.#checks?.(typed)
    return typed
  }

  #bind(batch: RecordBatch): void {
    const { columns, indexOf, fields } = batch.schema
    const missing = [...this.#cells.keys()].find((name) => !indexOf.has(name))
    if (missing !== undefined) throw missingLabel(missing, batch)
    this.#plan = columns.map((name) => this.#cells.get(name) ?? this.#castOther(name, batch))
    this.#schema = schemaOfFields(fields.map((field, index) => this.#plan[index]?.fieldOf(field) ?? field))
    this.#header = batch.schema
  }

  /** What becomes of a column that the schema does not name. */
  #castOther(name: string, batch: RecordBatch): SchemaCell | undefined {
    const type = this.#catchall
    const kind = type?._zod.def.type
    if (type === undefined || kind === 'unknown' || kind === 'any') return undefined
    if (kind === 'never') throw extraLabel(name, batch)
    return new SchemaCell(name, type)
  }
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
