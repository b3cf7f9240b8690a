import type { AvroSchema } from './avro-values.ts'

type RecordSchema = {
  readonly fields: readonly { readonly name: string; readonly type: AvroSchema; readonly 'field-id'?: number }[]
}

/** The fields of a record by their ids: writers have called some of them by other names. */
export type ById = ReadonlyMap<number, unknown>

export function byFieldId(schema: AvroSchema, record: unknown): ById {
  const fields = recordOf(schema).fields
  return new Map(
    fields.flatMap((field) => {
      const id = field['field-id']
      return id === undefined ? [] : [[id, (record as Record<string, unknown>)[field.name]]]
    }),
  )
}

/** The schema of one field, wherever its union has it. */
export function schemaOfField(schema: AvroSchema, id: number): AvroSchema | undefined {
  return recordOf(schema).fields.find((field) => field['field-id'] === id)?.type
}

/** The items of an array that may be null. */
export function itemsOf(schema: AvroSchema | undefined): AvroSchema {
  const type = present(schema) as { readonly items?: AvroSchema } | undefined
  return type?.items ?? { type: 'record', fields: [] }
}

function recordOf(schema: AvroSchema): RecordSchema {
  return present(schema) as RecordSchema
}

function present(schema: AvroSchema | undefined): AvroSchema | undefined {
  return Array.isArray(schema) ? schema.find((type) => type !== 'null') : schema
}
