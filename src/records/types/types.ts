import { type DataType, isSafeInteger, type SimpleKind } from '../data-type.ts'
import { decimalType } from './decimals.ts'
import { FLOAT64 } from './floats.ts'
import { BOOLEAN, INT32, INT64, SAFE_INT64 } from './integers.ts'
import { DATE, TIME, TIMESTAMP, TIMESTAMPTZ } from './times.ts'
import { UUID } from './uuids.ts'
import type { ValueType } from './value-type.ts'

/** Types whose values are of any length, and lie in spans. */
export type BytesKind = 'string' | 'binary'

export function isBytes(type: DataType): type is { readonly kind: BytesKind } {
  return type.kind === 'string' || type.kind === 'binary'
}

/** How the values of a type are read, written and shown. Not of `string` and `binary`. */
export function valueType(type: DataType): ValueType {
  if (type.kind === 'decimal') return decimalType(type.precision, type.scale) as ValueType
  return (isSafeInteger(type) ? SAFE_INT64 : FIXED[type.kind as FixedKind]) as ValueType
}

type FixedKind = Exclude<SimpleKind, BytesKind>

const FIXED: Readonly<Record<FixedKind, unknown>> = {
  boolean: BOOLEAN,
  int32: INT32,
  int64: INT64,
  float64: FLOAT64,
  date: DATE,
  time: TIME,
  timestamp: TIMESTAMP,
  timestamptz: TIMESTAMPTZ,
  uuid: UUID,
}
