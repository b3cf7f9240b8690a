import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'

/**
 * What hyparquet does for us: Thrift's compact protocol, in which footers and the headers of pages are written. Its
 * decoder of pages makes an object of every value and rounds some, so pages are decoded here.
 */

/** A struct of Thrift: its fields by their numbers, as `field_1`, as they came. */
export type Struct = Readonly<Record<string, unknown>>

/** Throws for what is no struct; a RangeError may also mean that `bytes` end too early. */
export function readStruct(bytes: Uint8Array, offset = 0): { readonly struct: Struct; readonly end: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const reader = { view, offset }
  return { struct: deserializeTCompactProtocol(reader), end: reader.offset }
}
