import { checkOptions, oneOf } from '../config/check-options.ts'
import type { Cell } from '../records/column.ts'
import { reject } from '../records/column-function.ts'
import type { Step } from './step.ts'
import { withColumnStep } from './with-column.ts'

/** What `cast` makes of text. */
export interface CastTypes {
  string: string
  /** A double: `1`, `-2.5`, `1e5`. */
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
    if (value === null) return null
    const result =
      typeof value === 'string' ? cast(value) : cast(value instanceof Date ? value.toISOString() : String(value))
    if (result === undefined) throw reject('type-error', `The value is no ${type}.`)
    return result
  }
}

const CASTS: Record<CastType, (text: string) => Cell | undefined> = {
  string: (text) => text,
  number: (text) => (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? finite(Number(text)) : undefined),
  integer: (text) => (/^[+-]?\d+$/.test(text) ? safe(Number(text)) : undefined),
  bigint: (text) => (/^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined),
  boolean: (text) => BOOLEANS.get(text.toLowerCase()),
  date: (text) => isoDate(text),
}

const CAST_TYPE = oneOf(...Object.keys(CASTS))

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}

function safe(value: number): number {
  if (Number.isSafeInteger(value)) return value
  throw reject('type-error', 'The value is beyond 2^53: cast it to bigint.')
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/

/** A date without a zone is UTC; a day that the month does not have is none. */
function isoDate(text: string): Date | undefined {
  const match = ISO_DATE.exec(text)
  if (match === null) return undefined
  const [, year, month, day, time, , , zone] = match
  const date = new Date(time !== undefined && zone === undefined ? `${text}Z` : text)
  if (Number.isNaN(date.getTime())) return undefined
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return midnight.getUTCDate() === Number(day) ? date : undefined
}
