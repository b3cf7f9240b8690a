import type { ValueType } from './value-type.ts'

const DAY_MS = 86_400_000
const DAY_US = 86_400_000_000n

/** Days since 1970-01-01, in the proleptic Gregorian calendar; the years 0001 to 9999 have a text. */
export const DATE: ValueType<number> = {
  bytes: 4,
  parse: (text) => (/^\d{4}-\d{2}-\d{2}$/.test(text) ? dayOf(text) : undefined),
  take: (cell) => {
    if (cell instanceof Date) return cell.getTime() % DAY_MS === 0 ? cell.getTime() / DAY_MS + 0 : undefined
    return typeof cell === 'string' ? DATE.parse(cell) : undefined
  },
  cell: (value) => new Date(value * DAY_MS),
  text: (value) => new Date(value * DAY_MS).toISOString().slice(0, -14),
  write: (memory, at, value) => void memory.writeInt32LE(value, at),
  read: (memory, at) => memory.readInt32LE(at),
}

/** Microseconds since midnight. Functions see text, such as `08:30:00`. */
export const TIME: ValueType<bigint> = {
  bytes: 8,
  parse: (text) => {
    const match = /^(\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)$/.exec(text)
    return match === null ? undefined : timeOf(text)
  },
  take: (cell) => (typeof cell === 'string' ? TIME.parse(cell) : undefined),
  cell: (value) => TIME.text(value),
  text: timeText,
  write: (memory, at, value) => void memory.writeBigInt64LE(value, at),
  read: (memory, at) => memory.readBigInt64LE(at),
}

/** Microseconds since 1970 of a clock on some wall: text has no zone, and functions see a `Date` as if it were UTC. */
export const TIMESTAMP: ValueType<bigint> = instantType(/^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}[^Z+-]*))?$/, '')

/** Microseconds since 1970 in UTC. Text without a zone is taken as UTC; functions see a `Date`, which has milliseconds. */
export const TIMESTAMPTZ: ValueType<bigint> = instantType(
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}[^Z+-]*)(Z|[+-]\d{2}:\d{2})?)?$/,
  'Z',
)

function instantType(form: RegExp, suffix: string): ValueType<bigint> {
  const parse = (text: string): bigint | undefined => {
    const [, date, time = '00:00', zone = 'Z'] = form.exec(text) ?? []
    const day = date === undefined ? undefined : dayOf(date)
    const micros = TIME.parse(time)
    const offset = zone === 'Z' ? 0n : TIME.parse(zone.slice(1))
    if (day === undefined || micros === undefined || offset === undefined) return undefined
    return BigInt(day) * DAY_US + micros - (zone[0] === '-' ? -offset : offset)
  }
  return {
    bytes: 8,
    parse,
    take: (cell) => {
      if (cell instanceof Date) return Number.isNaN(cell.getTime()) ? undefined : BigInt(cell.getTime()) * 1000n
      return typeof cell === 'string' ? parse(cell) : undefined
    },
    cell: (value) => new Date(Number(floorDivide(value, 1000n))),
    text: (value) => {
      const millis = floorDivide(value, 1000n)
      const iso = new Date(Number(millis)).toISOString()
      const rest = Number(value - millis * 1000n)
      const decimals = iso.slice(-4, -1) + (rest === 0 ? '' : String(rest).padStart(3, '0'))
      return `${iso.slice(0, -5)}${decimals === '000' ? '' : `.${decimals}`}${suffix}`
    },
    write: (memory, at, value) => void memory.writeBigInt64LE(value, at),
    read: (memory, at) => memory.readBigInt64LE(at),
  }
}

/** Undefined for a day that its month does not have. */
function dayOf(text: string): number | undefined {
  const [year, month, day] = text.split('-').map(Number) as [number, number, number]
  const date = new Date(`${text}T00:00:00Z`)
  const same = date.getUTCFullYear() === year && date.getUTCMonth() + 1 === month && date.getUTCDate() === day
  return same ? date.getTime() / DAY_MS + 0 : undefined
}

/** Undefined for a time that no day has, and for what is finer than a microsecond. */
function timeOf(text: string): bigint | undefined {
  const [hours, minutes, seconds = '0'] = text.split(':') as [string, string, string?]
  const [whole = '', decimals = ''] = seconds.split('.')
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(whole) > 59) return undefined
  if (/[1-9]/.test(decimals.slice(6))) return undefined
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(whole)
  return BigInt(total) * 1_000_000n + BigInt(decimals.slice(0, 6).padEnd(6, '0'))
}

/** Seconds always, decimals when there are some: three when they are enough, else six. */
function timeText(micros: bigint): string {
  const [seconds, rest] = [Number(micros / 1_000_000n), Number(micros % 1_000_000n)]
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0')
  const clock = `${two(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`
  if (rest === 0) return clock
  return `${clock}.${rest % 1000 === 0 ? String(rest / 1000).padStart(3, '0') : String(rest).padStart(6, '0')}`
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor
  return value < 0n && quotient * divisor !== value ? quotient - 1n : quotient
}
