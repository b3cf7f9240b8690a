/**
 * The type of a column's values. Every value that a type has is exact: nothing is rounded on its way from a source through
 * the columns to a sink. The names are those of Apache Arrow and Iceberg where these agree.
 */
export type DataType =
  | { readonly kind: SimpleKind }
  /** An int64 that functions see as a number, and which therefore ends at 2^53 on both sides. */
  | { readonly kind: 'int64'; readonly safe: true }
  /** Decimal digits in all and behind the point: 1 ≤ precision ≤ 38, 0 ≤ scale ≤ precision. */
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }

export type SimpleKind =
  | 'boolean'
  | 'int32'
  | 'int64'
  | 'float64'
  /** A calendar day, without time and zone. */
  | 'date'
  /** A time of day in microseconds, without a zone. */
  | 'time'
  /** Day and time in microseconds, without a zone. */
  | 'timestamp'
  /** An instant in microseconds. */
  | 'timestamptz'
  | 'string'
  | 'uuid'
  | 'binary'

export const STRING: { readonly kind: 'string' } = { kind: 'string' }

/** Whole numbers of a file or a table, as JavaScript counts. */
export const SAFE_INTEGER: DataType = { kind: 'int64', safe: true }

export function isSafeInteger(type: DataType): boolean {
  return 'safe' in type
}

export type Kind = DataType['kind']

/** A type as text, as `cast` and configurations take it: `int64`, `decimal(10,2)`. */
export type TypeName = SimpleKind | `decimal(${number},${number})`

/** Undefined for what names no type. */
export function parseType(name: string): DataType | undefined {
  if (SIMPLE.has(name as SimpleKind)) return { kind: name as SimpleKind }
  const match = /^decimal\((\d{1,2}), ?(\d{1,2})\)$/.exec(name)
  if (match === null) return undefined
  const [precision, scale] = [Number(match[1]), Number(match[2])]
  return precision >= 1 && precision <= MAX_PRECISION && scale <= precision
    ? { kind: 'decimal', precision, scale }
    : undefined
}

export function formatType(type: DataType): TypeName {
  return type.kind === 'decimal' ? `decimal(${type.precision},${type.scale})` : type.kind
}

/** True for types of the same values; functions may see them differently. */
export function sameType(a: DataType, b: DataType): boolean {
  return formatType(a) === formatType(b)
}

export const MAX_PRECISION = 38

const SIMPLE: ReadonlySet<SimpleKind> = new Set([
  ...(['boolean', 'int32', 'int64', 'float64'] as const),
  ...(['date', 'time', 'timestamp', 'timestamptz'] as const),
  ...(['string', 'uuid', 'binary'] as const),
])
