import type { Schema, Type } from 'avsc'

/** Values of an Avro schema, to bytes and back. Longs are bigints: those of Iceberg have 63 bits. */
export interface AvroValues {
  encode(value: unknown): Buffer
  /** The value at an offset, and where the next one begins. */
  decode(bytes: Buffer, offset: number): { readonly value: unknown; readonly offset: number }
}

/** An Avro schema as JSON, with the attributes that Iceberg adds to it. */
export type AvroSchema = string | readonly AvroSchema[] | { readonly [key: string]: unknown }

/** The one file that knows the package. It is loaded by the first table. */
export async function avroValues(schema: AvroSchema): Promise<AvroValues> {
  const { default: avro } = await import('avsc')
  const long = avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(value)
      return bytes
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint' && BigInt.asIntN(64, value) === value,
    compare: (a: bigint, b: bigint) => (a === b ? 0 : a < b ? -1 : 1),
  } as never)
  const type = avro.Type.forSchema(essence(schema) as Schema, { registry: { long } }) as Type
  return {
    encode: (value) => type.toBuffer(value),
    decode: (bytes, offset) => {
      const { value, offset: next } = type.decode(bytes, offset)
      if (next < 0) throw new RangeError('the bytes end inside a value')
      return { value, offset: next }
    },
  }
}

/**
 * Without defaults, which serve readers of another schema, and that nobody is here. A long with attributes, such as those
 * of a timestamp, must be written as just `long`, or the package takes its own type for it.
 */
function essence(schema: AvroSchema): AvroSchema {
  if (typeof schema === 'string') return schema
  if (Array.isArray(schema)) return schema.map(essence)
  const { default: _, ...rest } = schema as Readonly<Record<string, unknown>>
  if (rest['type'] === 'long' && rest['name'] === undefined) return 'long'
  return Object.fromEntries(
    Object.entries(rest).map(([key, value]) => [
      key,
      typeof value === 'object' && value !== null ? essence(value as AvroSchema) : value,
    ]),
  )
}
