import type { Struct } from './read-hyparquet.ts'

export type { Struct } from './read-hyparquet.ts'

/** Fields of a Thrift struct, by their numbers in parquet.thrift. A damaged footer may hold anything anywhere. */
type Get<T> = (struct: Struct, field: number) => T

export const numberIn: Get<number> = (struct, field) => {
  const value = struct[`field_${field}`]
  const number = typeof value === 'bigint' ? Number(value) : value
  if (typeof number !== 'number' || !Number.isSafeInteger(number)) throw wrong(field, 'a whole number')
  return number
}

export const bytesIn: Get<Uint8Array> = (struct, field) => {
  const value = struct[`field_${field}`]
  if (!(value instanceof Uint8Array)) throw wrong(field, 'text')
  return value
}

export const textIn: Get<string> = (struct, field) => Buffer.from(bytesIn(struct, field)).toString()

export const structIn: Get<Struct> = (struct, field) => asStruct(struct[`field_${field}`], field)

export const structsIn: Get<readonly Struct[]> = (struct, field) => {
  return listIn(struct, field).map((value) => asStruct(value, field))
}

export const listIn: Get<readonly unknown[]> = (struct, field) => {
  const value = struct[`field_${field}`]
  if (!Array.isArray(value)) throw wrong(field, 'a list')
  return value
}

/** Undefined for a field that is not there. */
export function optional<T>(get: Get<T>, struct: Struct, field: number): T | undefined {
  return struct[`field_${field}`] === undefined ? undefined : get(struct, field)
}

function asStruct(value: unknown, field: number): Struct {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array || Array.isArray(value)) {
    throw wrong(field, 'a struct')
  }
  return value as Struct
}

function wrong(field: number, kind: string): TypeError {
  return new TypeError(`the footer should have ${kind} in field ${field}`)
}
