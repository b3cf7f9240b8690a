import { type DataType, isSafeInteger, parseType, SAFE_INTEGER, type SimpleKind, STRING } from './data-type.ts'
import type { Field } from './schema.ts'

/** A JSON Schema, draft 2020-12. */
export type JsonSchema = Readonly<Record<string, unknown>>

/**
 * The schema of rows as JSON objects, in which every column is there and a missing value is null. Formats are those of
 * JSON Schema and of the OpenAPI registry; `x-type` says what neither has. `required` keeps the order of the columns.
 */
export function jsonSchemaOf(fields: readonly Field[]): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties: Object.fromEntries(fields.map((field) => [field.name, propertyOf(field)])),
    required: fields.map(({ name }) => name),
    additionalProperties: false,
  }
}

/**
 * The columns that a schema of objects describes: what `jsonSchemaOf` made comes back as it was. Of other schemas a
 * column that may lack is nullable, and one of several types, of objects or arrays has no type.
 */
export function fieldsOfJsonSchema(schema: JsonSchema): readonly Field[] {
  const properties = (schema['properties'] ?? {}) as Readonly<Record<string, JsonSchema | boolean>>
  const required = (schema['required'] ?? []) as readonly string[]
  const ordered = required.filter((name) => Object.hasOwn(properties, name))
  const names = new Set([...ordered, ...Object.keys(properties)])
  return [...names].map((name) => fieldOf(name, properties[name] as JsonSchema | boolean, required.includes(name)))
}

function propertyOf({ type, nullable }: Field): JsonSchema {
  if (type === undefined) return nullable ? {} : { not: { type: 'null' } }
  const { type: name, ...rest } = shapeOf(type)
  return { type: nullable ? [name, 'null'] : name, ...rest }
}

function shapeOf(type: DataType): JsonSchema {
  if (isSafeInteger(type))
    return { type: 'integer', minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER }
  if (type.kind !== 'decimal') return SHAPES[type.kind]
  const { precision, scale } = type
  return { type: 'string', format: 'decimal', 'x-type': `decimal(${precision},${scale})` }
}

const SHAPES: Readonly<Record<SimpleKind, JsonSchema>> = {
  boolean: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  float64: { type: 'number', format: 'double' },
  date: { type: 'string', format: 'date' },
  // The format `time` of JSON Schema has a zone.
  time: { type: 'string', format: 'time-local' },
  timestamp: { type: 'string', format: 'date-time-local' },
  timestamptz: { type: 'string', format: 'date-time' },
  string: { type: 'string' },
  uuid: { type: 'string', format: 'uuid' },
  binary: { type: 'string', contentEncoding: 'base64' },
}

function fieldOf(name: string, property: JsonSchema | boolean, required: boolean): Field {
  if (typeof property === 'boolean') return { name, type: undefined, nullable: true }
  const choices = (property['anyOf'] ?? property['oneOf'] ?? [property]) as readonly JsonSchema[]
  const types = choices.flatMap((choice) => (choice['type'] as string | readonly string[] | undefined) ?? 'any')
  const some = types.filter((type) => type !== 'null')
  const shape = choices.find((choice) => choice['type'] !== 'null') ?? {}
  const neverNull = (property['not'] as JsonSchema | undefined)?.['type'] === 'null'
  const mayBeNull = types.includes('null') || (types.includes('any') && !neverNull)
  return {
    name,
    type: some.length === 1 ? typeOf(some[0] as string, shape) : undefined,
    nullable: !required || mayBeNull,
  }
}

function typeOf(name: string, shape: JsonSchema): DataType | undefined {
  if (typeof shape['x-type'] === 'string') return parseType(shape['x-type'])
  const { format, contentEncoding } = shape as { readonly format?: string; readonly contentEncoding?: string }
  const found = Object.entries(SHAPES).find(([, known]) => {
    return known['type'] === name && known['format'] === format && known['contentEncoding'] === contentEncoding
  })
  if (found !== undefined) return { kind: found[0] as SimpleKind }
  if (name === 'integer') return isSafe(shape) ? SAFE_INTEGER : { kind: 'int64' }
  if (name === 'number') return { kind: 'float64' }
  return name === 'string' ? STRING : undefined
}

/** Bounds within which JavaScript counts. */
function isSafe({ minimum, maximum }: JsonSchema): boolean {
  return (minimum as number) >= Number.MIN_SAFE_INTEGER && (maximum as number) <= Number.MAX_SAFE_INTEGER
}
