import { type DataType, MAX_PRECISION } from '../records/data-type.ts'
import * as convert from './read-convert.ts'
import { numberIn, optional, type Struct, structIn } from './read-struct.ts'

export type PhysicalType =
  | 'BOOLEAN'
  | 'INT32'
  | 'INT64'
  | 'INT96'
  | 'FLOAT'
  | 'DOUBLE'
  | 'BYTE_ARRAY'
  | 'FIXED_LEN_BYTE_ARRAY'

/** What the values of a column are, and how they become ours. */
export interface Form {
  readonly type: DataType
  readonly physical: PhysicalType
  /** Bytes of a physical value; 0 when each has its own length. */
  readonly width: number
  /** Of values as they lie in the file. What cannot be had exactly is listed as bad. */
  readonly convert: convert.Convert
}

/** The form of a column without children, or why there is none, as in "column x is …". */
export function formOf(element: Struct): Form | string {
  const physical = PHYSICAL[numberIn(element, 1)]
  if (physical === undefined) return 'of an unknown type'
  const width = physical === 'FIXED_LEN_BYTE_ARRAY' ? numberIn(element, 2) : WIDTHS[physical]
  if (width < 0 || (width === 0 && physical === 'FIXED_LEN_BYTE_ARRAY')) return 'of values without a length'
  const meaning = meaningOf(element, physical, width)
  return typeof meaning === 'string' ? meaning : { ...meaning, physical, width }
}

type Meaning = Pick<Form, 'type' | 'convert'>

/** The logical type says more than the converted type, which it replaced. */
function meaningOf(element: Struct, physical: PhysicalType, width: number): Meaning | string {
  const annotation = annotationOf(element)
  if (annotation?.kind === 'decimal') return decimal(annotation, physical, width)
  const name = annotation === undefined ? physical : `${annotation.kind} ${physical}`
  if (name === 'FIXED_LEN_BYTE_ARRAY') return { type: { kind: 'binary' }, convert: convert.pieces(width) }
  if (name === 'uuid FIXED_LEN_BYTE_ARRAY' && width !== 16) return 'of UUIDs that are not 16 bytes long'
  return MEANINGS[name] ?? `of the type ${name.replace(' ', ' on ')}`
}

interface Annotation {
  readonly kind: string
  readonly precision?: number
  readonly scale?: number
}

function annotationOf(element: Struct): Annotation | undefined {
  const logical = optional(structIn, element, 10)
  const known = logical === undefined ? undefined : logicalKind(logical)
  if (known !== undefined) return known
  const converted = optional(numberIn, element, 6)
  if (converted === undefined) return undefined
  if (converted !== 5) return { kind: CONVERTED[converted] ?? `converted type ${converted}` }
  return { kind: 'decimal', scale: optional(numberIn, element, 7) ?? 0, precision: numberIn(element, 8) }
}

function logicalKind(logical: Struct): Annotation | undefined {
  const [key] = Object.keys(logical)
  if (key === undefined) return undefined
  const field = Number(key.slice('field_'.length))
  const parts = structIn(logical, field)
  if (field === 5) return { kind: 'decimal', scale: numberIn(parts, 1), precision: numberIn(parts, 2) }
  if (field === 7) return { kind: `time ${unitOf(parts)}` }
  if (field === 8) return { kind: `${parts['field_1'] === true ? 'timestamptz' : 'timestamp'} ${unitOf(parts)}` }
  if (field === 10) {
    const signed = parts['field_2'] === true
    const bits = numberIn(parts, 1)
    // 32 bits without a sign do not fit into an int32; fewer do.
    if (bits < 32) return { kind: 'int32' }
    return { kind: `${signed ? 'int' : 'uint'}${bits}` }
  }
  return { kind: LOGICAL[field] ?? `logical type ${field}` }
}

function unitOf(parts: Struct): string {
  const [key] = Object.keys(structIn(parts, 2))
  return { field_1: 'millis', field_2: 'micros', field_3: 'nanos' }[key ?? ''] ?? 'of an unknown unit'
}

function decimal({ precision = 0, scale = 0 }: Annotation, physical: PhysicalType, width: number): Meaning | string {
  if (precision < 1 || precision > MAX_PRECISION || scale < 0 || scale > precision) {
    return `decimal(${precision},${scale}), and decimals have at most ${MAX_PRECISION} digits here`
  }
  const type = { kind: 'decimal', precision, scale } as const
  const bytes = precision <= 18 ? 8 : 16
  if (physical === 'INT32') return { type, convert: convert.widenInts(4, bytes) }
  if (physical === 'INT64') return { type, convert: convert.widenInts(8, bytes) }
  if (physical === 'BYTE_ARRAY') return { type, convert: convert.bigEndian(bytes, 0) }
  if (physical === 'FIXED_LEN_BYTE_ARRAY') return { type, convert: convert.bigEndian(bytes, width) }
  return `decimal on ${physical}`
}

const PHYSICAL: readonly PhysicalType[] = [
  ...(['BOOLEAN', 'INT32', 'INT64', 'INT96'] as const),
  ...(['FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY'] as const),
]

const WIDTHS: Readonly<Record<Exclude<PhysicalType, 'FIXED_LEN_BYTE_ARRAY'>, number>> = {
  BOOLEAN: 1,
  INT32: 4,
  INT64: 8,
  INT96: 12,
  FLOAT: 4,
  DOUBLE: 8,
  BYTE_ARRAY: 0,
}

const TEXT: Meaning = { type: { kind: 'string' }, convert: convert.utf8 }
const BYTES: Meaning = { type: { kind: 'binary' }, convert: convert.same }

/** By what the file calls it, and the physical type. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  BOOLEAN: { type: { kind: 'boolean' }, convert: convert.same },
  INT32: { type: { kind: 'int32' }, convert: convert.same },
  INT64: { type: { kind: 'int64' }, convert: convert.same },
  INT96: { type: { kind: 'timestamp' }, convert: convert.int96 },
  FLOAT: { type: { kind: 'float64' }, convert: convert.floats },
  DOUBLE: { type: { kind: 'float64' }, convert: convert.same },
  BYTE_ARRAY: BYTES,
  'int32 INT32': { type: { kind: 'int32' }, convert: convert.same },
  'int64 INT64': { type: { kind: 'int64' }, convert: convert.same },
  'uint32 INT32': { type: { kind: 'int64' }, convert: convert.widenUnsigned(4, 8) },
  'uint64 INT64': { type: { kind: 'decimal', precision: 20, scale: 0 }, convert: convert.widenUnsigned(8, 16) },
  'null INT32': { type: { kind: 'int32' }, convert: convert.same },
  'date INT32': { type: { kind: 'date' }, convert: convert.days },
  'time millis INT32': { type: { kind: 'time' }, convert: convert.timeMillis },
  'time micros INT64': { type: { kind: 'time' }, convert: convert.timeMicros },
  'time nanos INT64': { type: { kind: 'time' }, convert: convert.timeNanos },
  'timestamp millis INT64': { type: { kind: 'timestamp' }, convert: convert.millis },
  'timestamp micros INT64': { type: { kind: 'timestamp' }, convert: convert.micros },
  'timestamp nanos INT64': { type: { kind: 'timestamp' }, convert: convert.nanos },
  'timestamptz millis INT64': { type: { kind: 'timestamptz' }, convert: convert.millis },
  'timestamptz micros INT64': { type: { kind: 'timestamptz' }, convert: convert.micros },
  'timestamptz nanos INT64': { type: { kind: 'timestamptz' }, convert: convert.nanos },
  'text BYTE_ARRAY': TEXT,
  'bson BYTE_ARRAY': BYTES,
  'uuid FIXED_LEN_BYTE_ARRAY': { type: { kind: 'uuid' }, convert: convert.same },
}

/** `LogicalType` of parquet.thrift, but for those that have parameters. An enum and JSON are text. */
const LOGICAL: Readonly<Record<number, string>> = {
  1: 'text',
  4: 'text',
  6: 'date',
  11: 'null',
  12: 'text',
  13: 'bson',
  14: 'uuid',
  15: 'float16',
  16: 'variant',
  17: 'geometry',
  18: 'geography',
}

/** `ConvertedType` of parquet.thrift. Its times are those of UTC, as that page says. */
const CONVERTED: Readonly<Record<number, string>> = {
  0: 'text',
  4: 'text',
  6: 'date',
  7: 'time millis',
  8: 'time micros',
  9: 'timestamptz millis',
  10: 'timestamptz micros',
  11: 'int32',
  12: 'int32',
  13: 'uint32',
  14: 'uint64',
  15: 'int32',
  16: 'int32',
  17: 'int32',
  18: 'int64',
  19: 'text',
  20: 'bson',
  21: 'interval',
}
