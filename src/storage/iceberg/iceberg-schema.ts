/** Types as Iceberg writes them: a name such as `long` or `decimal(9, 2)`, or an object for what is nested. */
export type IcebergType = string | StructType | ListType | MapType

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly IcebergField[]
}

export interface ListType {
  readonly type: 'list'
  readonly 'element-id': number
  readonly 'element-required': boolean
  readonly element: IcebergType
}

export interface MapType {
  readonly type: 'map'
  readonly 'key-id': number
  readonly key: IcebergType
  readonly 'value-id': number
  readonly 'value-required': boolean
  readonly value: IcebergType
}

/** A column. Readers find it in data files by its id, whatever it is called now. */
export interface IcebergField {
  readonly id: number
  readonly name: string
  readonly required: boolean
  readonly type: IcebergType
  readonly doc?: string
}

export interface IcebergSchema {
  readonly type: 'struct'
  readonly 'schema-id': number
  readonly fields: readonly IcebergField[]
  readonly 'identifier-field-ids'?: readonly number[]
}

/** The largest id in a schema, those of nested fields among them. */
export function lastColumnId(fields: readonly IcebergField[]): number {
  return Math.max(0, ...fields.map((field) => Math.max(field.id, lastIdOf(field.type))))
}

function lastIdOf(type: IcebergType): number {
  if (typeof type === 'string') return 0
  if (type.type === 'struct') return lastColumnId(type.fields)
  if (type.type === 'list') return Math.max(type['element-id'], lastIdOf(type.element))
  return Math.max(type['key-id'], type['value-id'], lastIdOf(type.key), lastIdOf(type.value))
}
