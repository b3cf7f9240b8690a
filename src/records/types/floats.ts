import { readNumber } from '../read-value.ts'
import type { ValueType } from './value-type.ts'

/** Doubles. Text must be a finite number; a function may make infinities and NaN as well, and they are kept. */
export const FLOAT64: ValueType<number> = {
  bytes: 8,
  parse: (text) => readNumber(text) ?? SPECIAL.get(text),
  take: (cell) => {
    if (typeof cell === 'number') return cell
    if (typeof cell === 'bigint') return BigInt(Number(cell)) === cell ? Number(cell) : undefined
    return typeof cell === 'string' ? FLOAT64.parse(cell) : undefined
  },
  cell: (value) => value,
  text: (value) => (Object.is(value, -0) ? '-0' : String(value)),
  write: (memory, at, value) => void memory.writeDoubleLE(value, at),
  read: (memory, at) => memory.readDoubleLE(at),
}

/** As this type writes them. */
const SPECIAL: ReadonlyMap<string, number> = new Map([
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
])
