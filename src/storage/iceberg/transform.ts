import { murmur3 } from './murmur3.ts'
import { encodeValue, kindOf, type SingleValue } from './single-value.ts'

/** How a partition's value comes from a column's value. */
export type Transform =
  | { readonly kind: 'identity' | 'year' | 'month' | 'day' | 'hour' | 'void' }
  | { readonly kind: 'bucket' | 'truncate'; readonly width: number }

/** As table metadata has it, such as `bucket[16]`. Undefined for transforms of other versions of the format. */
export function parseTransform(text: string): Transform | undefined {
  const [, kind, width] = /^(bucket|truncate)\[(\d+)\]$/.exec(text) ?? []
  if (kind !== undefined) return { kind: kind as 'bucket', width: Number(width) }
  return SIMPLE.has(text) ? { kind: text as 'identity' } : undefined
}

export function formatTransform(transform: Transform): string {
  return 'width' in transform ? `${transform.kind}[${transform.width}]` : transform.kind
}

/** The type of the partition's values; undefined when the transform does not take the type. */
export function resultType(transform: Transform, type: string): string | undefined {
  const kind = kindOf(type)
  switch (transform.kind) {
    case 'identity':
    case 'void':
      return type
    case 'bucket':
      return BUCKETS.has(kind) ? 'int' : undefined
    case 'truncate':
      return TRUNCATES.has(kind) ? type : undefined
    case 'day':
      return DAYS.has(kind) ? 'date' : undefined
    case 'hour':
      return kind === 'timestamp' || kind === 'timestamptz' ? 'int' : undefined
    default:
      return DAYS.has(kind) ? 'int' : undefined
  }
}

/** Null stays null in every transform, and is not asked here. */
export function applyTransform(transform: Transform, type: string, value: SingleValue): SingleValue | null {
  switch (transform.kind) {
    case 'identity':
      return value
    case 'void':
      return null
    case 'bucket':
      return (hashOf(type, value) & 0x7fffffff) % transform.width
    case 'truncate':
      return truncated(type, value, transform.width)
    case 'hour':
      return Number(floorDivide(value as bigint, HOUR))
    default: {
      const days = kindOf(type) === 'date' ? (value as number) : Number(floorDivide(value as bigint, DAY))
      if (transform.kind === 'day') return days
      const date = new Date(days * 86_400_000)
      const years = date.getUTCFullYear() - 1970
      return transform.kind === 'year' ? years : years * 12 + date.getUTCMonth()
    }
  }
}

/** Appendix B: what is an int is hashed as a long, so that a widening moves no row to another bucket. */
export function hashOf(type: string, value: SingleValue): number {
  switch (kindOf(type)) {
    case 'int':
    case 'date':
      return murmur3(encodeValue('long', BigInt(value as number)))
    default:
      return murmur3(encodeValue(type, value))
  }
}

function truncated(type: string, value: SingleValue, width: number): SingleValue {
  switch (kindOf(type)) {
    case 'int': {
      const number = value as number
      // At the least values it wraps around, as it does in Java.
      return (number - (((number % width) + width) % width)) | 0
    }
    case 'long':
    case 'decimal': {
      const [number, by] = [BigInt(value as bigint), BigInt(width)]
      const floor = number - (((number % by) + by) % by)
      return kindOf(type) === 'long' ? BigInt.asIntN(64, floor) : floor
    }
    case 'string': {
      const text = typeof value === 'string' ? value : Buffer.from(value as Uint8Array).toString()
      return text.length <= width ? text : [...text].slice(0, width).join('')
    }
    default:
      return (value as Uint8Array).slice(0, width)
  }
}

/**
 * Whether a partition may hold the least numbers of their type: truncated they would be less than that, and wrap around to
 * the greatest ones, as in Java.
 */
export function mayWrap(transform: Transform, type: string, partition: SingleValue): boolean {
  if (transform.kind !== 'truncate') return false
  if (type === 'int') return (partition as number) > 0x7fff_ffff - transform.width
  return type === 'long' && BigInt(partition as bigint) > 0x7fff_ffff_ffff_ffffn - BigInt(transform.width)
}

/**
 * The least value of a decimal whose partition has a value of the same type; undefined when all have. What lies below would
 * be truncated to a number of more digits, which no manifest can hold: Java refuses it as well.
 */
export function leastTruncated(transform: Transform, type: string): bigint | undefined {
  const [, digits] = /^decimal\((\d+),/.exec(type) ?? []
  if (transform.kind !== 'truncate' || digits === undefined) return undefined
  const [most, width] = [10n ** BigInt(digits) - 1n, BigInt(transform.width)]
  return most % width === 0n ? undefined : -(most - (most % width))
}

export function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient
}

const HOUR = 3_600_000_000n
const DAY = 24n * HOUR

const SIMPLE: ReadonlySet<string> = new Set(['identity', 'year', 'month', 'day', 'hour', 'void'])
const DAYS: ReadonlySet<string> = new Set(['date', 'timestamp', 'timestamptz'])
const TRUNCATES: ReadonlySet<string> = new Set(['int', 'long', 'decimal', 'string', 'binary'])
const BUCKETS: ReadonlySet<string> = new Set([
  ...['int', 'long', 'decimal', 'date', 'time', 'timestamp', 'timestamptz'],
  ...['string', 'uuid', 'fixed', 'binary'],
])
