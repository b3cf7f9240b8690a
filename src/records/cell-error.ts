import type { Cell } from './column.ts'
import { isRejection } from './column-function.ts'
import { refusePromise } from './refuse-promise.ts'
import type { RowError } from './row-errors.ts'

/** The row error for what a user function threw: its own code for `reject`, else `transform-error`. */
export function cellError(error: unknown, step: string, column?: string, value?: Cell): RowError {
  const known = isRejection(error)
  const code = known ? error.code : 'transform-error'
  const message = known ? error.message : error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return { code, message, rule: step, transform: true, column, value }
}

/** What a row or a function may put into a cell. Undefined counts as null; anything else that is no cell throws. */
export function asCell(value: unknown): Cell {
  if (value === undefined || value === null) return null
  const type = typeof value
  if (type === 'string' || type === 'number' || type === 'bigint' || type === 'boolean') return value as Cell
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new TypeError('the value is an invalid date')
    return value
  }
  if (value instanceof Uint8Array) return value
  refusePromise(value)
  throw new TypeError(`the value is ${type === 'object' ? 'an object' : `a ${type}`}, which no cell can hold`)
}
