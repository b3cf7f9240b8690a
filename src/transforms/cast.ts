import { checkOptions, oneOf } from '../config/check-options.ts'
import type { Cell } from '../records/column.ts'
import { reject } from '../records/column-function.ts'
import { isBeyondNumbers, readBigInt, readDate, readNumber } from '../records/read-value.ts'
import type { Step } from './step.ts'
import { withColumnStep } from './with-column.ts'

/** What `cast` makes of text. */
export interface CastTypes {
  string: string
  /** A double: `1`, `-2.5`, `1e5`. A whole number beyond 2^53 is a `type-error` that names bigint. */
  number: number
  /** A whole number up to 2^53; larger ones are a `type-error` that names bigint. */
  integer: number
  bigint: bigint
  /** `true`, `false`, `1`, `0`, in any case. */
  boolean: boolean
  /** ISO 8601: `2026-11-23`, taken as UTC, or with time and zone. */
  date: Date
}

export type CastType = keyof CastTypes

/** One step per column; null stays null, and text of another form rejects the row with `type-error`. */
export function castSteps(types: Readonly<Record<string, CastType>>): readonly Step[] {
  const known = Object.fromEntries(Object.keys(types ?? {}).map((column) => [column, CAST_TYPE]))
  checkOptions<Record<string, unknown>>('cast', types, known)
  return Object.entries(types).map(([column, type]) =>
    withColumnStep(column, [column], castTo(type), `cast(${column})`),
  )
}

/** The cast as a function on one value. */
export function castTo(type: CastType): (value: Cell) => Cell {
  const cast = CASTS[type]
  return (value) => {
    if (value === null || (type === 'number' && Number.isFinite(value))) return value
    const result =
      typeof value === 'string' ? cast(value) : cast(value instanceof Date ? value.toISOString() : String(value))
    if (result === undefined) throw reject('type-error', `The value is no ${type}.`)
    return result
  }
}

const CASTS: Record<CastType, (text: string) => Cell | undefined> = {
  string: (text) => text,
  number: (text) => readNumber(exact(text)),
  integer: (text) => (/^[+-]?\d+$/.test(text) ? Number(exact(text)) : undefined),
  bigint: readBigInt,
  boolean: (text) => BOOLEANS.get(text.toLowerCase()),
  date: readDate,
}

const CAST_TYPE = oneOf(...Object.keys(CASTS))

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

/** The text itself, unless it is a whole number that would silently become another one. */
function exact(text: string): string {
  if (!isBeyondNumbers(text)) return text
  throw reject('type-error', 'The value is beyond 2^53, where numbers leave some out: cast it to bigint.')
}
