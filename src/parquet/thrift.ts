import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'
import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js'

/**
 * A struct of parquet.thrift by the numbers of its fields: `field_1` and so on, ascending. Numbers are i32, bigints i64,
 * bytes and text binary, arrays lists, objects structs; undefined is a field that is not there.
 */
export type ThriftStruct = { readonly [field: `field_${number}`]: ThriftValue | undefined }
export type ThriftValue = number | bigint | boolean | string | Uint8Array | readonly ThriftValue[] | ThriftStruct

/** In Thrift's compact protocol. */
export function encodeThrift(struct: ThriftStruct): Buffer {
  const writer = new ByteWriter()
  serializeTCompactProtocol(writer, struct)
  return Buffer.from(writer.getBytes())
}

export function decodeThrift(bytes: Uint8Array): ThriftStruct {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  return deserializeTCompactProtocol({ view, offset: 0 })
}

/** The value of a field by its number; of a type that only its reader knows. */
export function fieldOf<T>(struct: ThriftStruct, field: number): T {
  return struct[`field_${field}`] as T
}
