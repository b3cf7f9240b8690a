import { checkOptions, type OptionCheck } from '../config/check-options.ts'
import { castColumn } from '../records/cast-column.ts'
import type { Column } from '../records/column.ts'
import { type DataType, parseType, SAFE_INTEGER, type SimpleKind, type TypeName } from '../records/data-type.ts'
import { schemaOfFields } from '../records/schema.ts'
import { batchStep, columnIndex, type Step } from './step.ts'

/** What functions see of the types that `cast` makes; of decimals text with all their decimals. */
export interface CastTypes {
  string: string
  /** Another name of `float64`. */
  number: number
  /** A whole number up to 2^53 on both sides: an `int64` that functions see as a number. */
  integer: number
  /** Another name of `int64`. */
  bigint: bigint
  /** `true`, `false`, `1`, `0`, in any case. */
  boolean: boolean
  int32: number
  int64: bigint
  /** A double: `1`, `-2.5`, `1e5`. A whole number beyond 2^53 is a `type-error` that names bigint. */
  float64: number
  /** A calendar day, `2026-11-23`; the `Date` is its midnight in UTC. */
  date: Date
  /** A time of day: `08:30`, `08:30:00.5`. */
  time: string
  /** ISO 8601 without a zone; the `Date` says it as if it were UTC. */
  timestamp: Date
  /** ISO 8601: an instant; without a zone it is taken as UTC. */
  timestamptz: Date
  uuid: string
  /** Base64. */
  binary: Uint8Array
}

export type CastType = keyof CastTypes | TypeName

/** The value that a function sees of a type. */
export type CastValue<T extends CastType> = T extends keyof CastTypes ? CastTypes[T] : string

/** One step per column; null stays null, and what is no such value rejects the row with `type-error`. */
export function castSteps(types: Readonly<Record<string, CastType>>): readonly Step[] {
  const known = Object.fromEntries(Object.keys(types ?? {}).map((column) => [column, CAST_TYPE]))
  checkOptions<Record<string, unknown>>('cast', types, known)
  return Object.entries(types).map(([column, name]) => castStep(column, name))
}

function castStep(column: string, typeName: CastType): Step {
  const step = `cast(${column})`
  const type = typeOf(typeName) as DataType
  return batchStep(
    { name: step, effect: 'one-to-one', description: { verb: 'cast', column, type: typeName } },
    (schema) => {
      const index = columnIndex(schema, column, step)
      const next = schemaOfFields(schema.fields.map((field) => (field.name === column ? { ...field, type } : field)))
      return (batch) => {
        const columns = [...batch.columns]
        columns[index] = castColumn(batch, columns[index] as Column, type, { step, column, typeName })
        return batch.withColumns(next, columns)
      }
    },
  )
}

function typeOf(name: string): DataType | undefined {
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : parseType(name)
}

const ALIASES: Readonly<Record<string, DataType>> = {
  number: { kind: 'float64' },
  integer: SAFE_INTEGER,
  bigint: { kind: 'int64' },
}

const NAMES: readonly (keyof typeof ALIASES | SimpleKind)[] = [
  ...['string', 'number', 'integer', 'bigint', 'boolean', 'int32', 'int64', 'float64'],
  ...['date', 'time', 'timestamp', 'timestamptz', 'uuid', 'binary'],
]

const CAST_TYPE: OptionCheck = {
  wanted: `${NAMES.map((name) => `"${name}"`).join(' or ')} or a decimal such as "decimal(10,2)"`,
  accepts: (value) => typeof value === 'string' && typeOf(value) !== undefined,
}
