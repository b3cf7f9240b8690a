import type { z } from 'zod'
import { SluiceError } from '../errors.ts'
import {
  type DataType,
  isSafeInteger,
  type Kind,
  parseType,
  SAFE_INTEGER,
  STRING,
  sameType,
} from '../records/data-type.ts'

/** What a zod type says of a column. */
export interface SchemaColumn {
  /** What is read from text: the type behind all wrappers. */
  readonly kind: string
  /** It takes undefined for a missing value, else null. */
  readonly absent: boolean
  readonly nullable: boolean
  readonly coerced: boolean
  /** Nothing is checked but the type, and nothing changed. */
  readonly plain: boolean
  /** True when what comes out is what went in, for values of that type: their column may stay as it is. */
  readonly keeps: (type: DataType) => boolean
  /** Of what comes out; undefined where zod does not tell. */
  readonly type: DataType | undefined
  /** What comes out may be null. */
  readonly yieldsNull: boolean
}

/** Throws `job-invalid` for a `dataType` in its metadata that there is not, or whose values are not what zod says. */
export function schemaColumnOf(name: string, type: z.ZodType): SchemaColumn {
  const read = layers(type, 'in')
  const kinds = read.map(({ _zod }) => _zod.def.type)
  const has = (...wanted: readonly string[]) => kinds.some((kind) => wanted.includes(kind))
  const made = layers(type, 'out')
  const [named, inferred] = [namedType(name, made), inferredType(last(made))]
  const kind = last(read)._zod.def.type
  const changes = has(...CHANGING) || [...read, ...made].some(isChanging)
  return {
    kind,
    absent: has('optional', 'default', 'prefault'),
    nullable: has('nullable'),
    coerced: read.some(({ _zod }) => _zod.def.coerce === true),
    // A format says more than a type that is named beside it.
    plain: read.every(isPlain) && (named === undefined || last(read)._zod.def.format === undefined),
    keeps: (given) => {
      const seen = SEEN_AS[kind]?.includes(given.kind) === true && !isSafeInteger(given)
      // Text becomes what the schema makes of it, such as a UUID.
      if (given.kind === 'string' && (named ?? inferred)?.kind !== 'string') return false
      return !changes && seen && (named === undefined || sameType(named, given))
    },
    type: named ?? inferred,
    yieldsNull: inferred === undefined || [...read, ...made].some(isNullable),
  }
}

/** The part of zod's definitions that tells what a type wants. */
interface Layer {
  readonly _zod: {
    readonly def: {
      readonly type: string
      readonly innerType?: Layer
      readonly in?: Layer
      readonly out?: Layer
      readonly checks?: readonly {
        readonly _zod: { readonly def: { readonly format?: string; readonly check?: string } }
      }[]
      readonly coerce?: boolean
      readonly format?: string
      readonly entries?: Readonly<Record<string, unknown>>
      readonly values?: readonly unknown[]
    }
  }
  readonly meta?: () => { readonly dataType?: unknown } | undefined
}

/** The type and what it wraps, on the side of a pipe that is read or on the one that comes out. */
function layers(type: unknown, side: 'in' | 'out'): readonly Layer[] {
  const found: Layer[] = []
  for (let at = type as Layer | undefined; at !== undefined; ) {
    found.push(at)
    const { def } = at._zod
    at = def.innerType ?? (def.type === 'pipe' ? def[side] : undefined)
  }
  return found
}

function last(found: readonly Layer[]): Layer {
  return found.at(-1) as Layer
}

/** A type that text decides alone. */
function isPlain({ _zod: { def } }: Layer): boolean {
  if (def.type === 'optional' || def.type === 'nullable' || def.type === 'readonly') return true
  const known = def.format === undefined || def.format === 'safeint' || def.format === 'int32'
  return PLAIN.has(def.type) && (def.checks ?? []).length === 0 && def.coerce !== true && known
}

const CHANGING = ['pipe', 'default', 'prefault', 'catch', 'transform'] as const

function isChanging({ _zod: { def } }: Layer): boolean {
  return def.coerce === true || (def.checks ?? []).some(({ _zod }) => _zod.def.check === 'overwrite')
}

const PLAIN: ReadonlySet<string> = new Set(['string', 'number', 'bigint', 'boolean', 'date'])
const WHOLE: ReadonlyMap<string, DataType> = new Map([
  ['safeint', SAFE_INTEGER],
  ['uint32', SAFE_INTEGER],
  ['int32', { kind: 'int32' }],
])

function isNullable({ _zod: { def } }: Layer): boolean {
  return def.type === 'optional' || def.type === 'nullable'
}

/** The type that `.meta({ dataType: … })` names. */
function namedType(column: string, made: readonly Layer[]): DataType | undefined {
  const name = made.map((layer) => layer.meta?.()?.dataType).find((dataType) => dataType !== undefined)
  if (name === undefined) return undefined
  const type = typeof name === 'string' ? parseType(name) : undefined
  if (type === undefined) throw invalid(column, `there is no dataType ${JSON.stringify(name)}`)
  const { type: kind } = last(made)._zod.def
  if (SEEN_AS[kind]?.includes(type.kind) === false) {
    throw invalid(column, `a z.${kind}() cannot have the dataType ${name}, whose values are none of its`)
  }
  return type
}

/** The types whose values are what zod says that they are. */
const SEEN_AS: Readonly<Record<string, readonly Kind[]>> = {
  string: ['string', 'decimal', 'time', 'uuid'],
  number: ['float64', 'int32'],
  bigint: ['int64'],
  boolean: ['boolean'],
  date: ['date', 'timestamp', 'timestamptz'],
}

function invalid(column: string, what: string): SluiceError {
  return new SluiceError('job-invalid', `The schema of the column "${column}": ${what}.`, { context: { column } })
}

function inferredType({ _zod: { def } }: Layer): DataType | undefined {
  switch (def.type) {
    case 'string':
      return def.format === 'uuid' || def.format === 'guid' ? { kind: 'uuid' } : STRING
    case 'number':
      return wholeType(def) ?? { kind: 'float64' }
    case 'bigint':
      return { kind: 'int64' }
    case 'boolean':
      return { kind: 'boolean' }
    case 'date':
      return { kind: 'timestamptz' }
    case 'enum':
      return areTexts(Object.values(def.entries ?? {})) ? STRING : undefined
    case 'literal':
      return areTexts(def.values ?? []) ? STRING : undefined
    default:
      return undefined
  }
}

function wholeType({ format, checks = [] }: Layer['_zod']['def']): DataType | undefined {
  const formats = [format, ...checks.map(({ _zod }) => _zod.def.format)]
  return formats.map((name) => WHOLE.get(name ?? '')).find((type) => type !== undefined)
}

function areTexts(values: readonly unknown[]): boolean {
  return values.length > 0 && values.every((value) => typeof value === 'string')
}
