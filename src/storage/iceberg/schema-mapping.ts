import type { DataType, SimpleKind } from '../../records/data-type.ts'
import type { Field } from '../../records/schema.ts'
import type { IcebergField, IcebergSchema, IcebergType } from './iceberg-schema.ts'

/** The name that Iceberg has for a type. Columns of no declared type are text. */
export function icebergTypeOf(type: DataType | undefined): string {
  if (type === undefined) return 'string'
  return type.kind === 'decimal' ? `decimal(${type.precision}, ${type.scale})` : NAMES[type.kind]
}

/**
 * The type of the columns that hold such values. `float` becomes float64, which holds each of its values; `fixed[n]`
 * becomes binary. Undefined for what has no columns here: nested types, and those of later versions of the format.
 */
export function dataTypeOf(type: IcebergType): DataType | undefined {
  if (typeof type !== 'string') return undefined
  if (/^fixed\[\d+\]$/.test(type)) return { kind: 'binary' }
  const [, precision, scale] = /^decimal\((\d+), ?(\d+)\)$/.exec(type) ?? []
  if (precision !== undefined) return { kind: 'decimal', precision: Number(precision), scale: Number(scale) }
  const kind = KINDS.get(type)
  return kind === undefined ? undefined : { kind }
}

/** The schema of a new table. Ids count from 1 in the order of the columns, as every catalog assigns them. */
export function newSchema(fields: readonly Field[], schemaId = 0): IcebergSchema {
  const columns = fields.map(({ name, type, nullable }, index): IcebergField => {
    return { id: index + 1, name, required: !nullable, type: icebergTypeOf(type) }
  })
  return { type: 'struct', 'schema-id': schemaId, fields: columns }
}

/** A column of a table as columns of batches know it. */
export interface TableColumn extends Field {
  readonly id: number
  readonly type: DataType
}

export interface ReadableColumns {
  readonly columns: readonly TableColumn[]
  /** Columns whose type has no values here, with that type as text. */
  readonly unsupported: readonly { readonly name: string; readonly type: string }[]
}

/** What of a table can be read. The metadata keeps the rest as it is. */
export function readableColumns({ fields }: IcebergSchema): ReadableColumns {
  const columns: TableColumn[] = []
  const unsupported: { name: string; type: string }[] = []
  for (const { id, name, required, type } of fields) {
    const known = dataTypeOf(type)
    if (known === undefined) unsupported.push({ name, type: typeText(type) })
    else columns.push({ id, name, type: known, nullable: !required })
  }
  return { columns, unsupported }
}

/** A type for messages: `list<string>`, `struct<a: int, b: map<string, long>>`. */
export function typeText(type: IcebergType): string {
  if (typeof type === 'string') return type
  if (type.type === 'list') return `list<${typeText(type.element)}>`
  if (type.type === 'map') return `map<${typeText(type.key)}, ${typeText(type.value)}>`
  return `struct<${type.fields.map((field) => `${field.name}: ${typeText(field.type)}`).join(', ')}>`
}

const NAMES: Readonly<Record<SimpleKind, string>> = {
  boolean: 'boolean',
  int32: 'int',
  int64: 'long',
  float64: 'double',
  date: 'date',
  time: 'time',
  timestamp: 'timestamp',
  timestamptz: 'timestamptz',
  string: 'string',
  uuid: 'uuid',
  binary: 'binary',
}

const KINDS: ReadonlyMap<string, SimpleKind> = new Map<string, SimpleKind>([
  ...Object.entries(NAMES).map(([kind, name]) => [name, kind as SimpleKind] as const),
  ['float', 'float64'],
])
