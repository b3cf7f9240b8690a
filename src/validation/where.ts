import { SluiceError } from '../errors.ts'
import { refusePromise } from '../records/refuse-promise.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import { GONE } from '../records/span.ts'
import type { RowCheck } from './rule.ts'

/** Restricts a check to the rows that its rule's `where` selects. */
export function restrict(check: RowCheck, where: ((row: Row) => boolean) | undefined, id: string): RowCheck {
  if (where === undefined) return check
  return (batch, report) => {
    const rows = rowsOf(batch)
    const selected = new Uint8Array(batch.rows)
    const mask = batch.mask
    let outside = 0
    for (let row = 0; row < batch.rows; row++) {
      if (mask[row] === GONE) continue
      if (selects(where, rows(row), id)) selected[row] = 1
      else outside++
    }
    const evaluated = check(batch, (row, error) => {
      if (selected[row] === 1) report(row, error)
    })
    return Math.max(0, evaluated - outside)
  }
}

/** What a rule's `where` says of a row. Throws `rule-failed`. */
export function selects(where: (row: Row) => boolean, row: Row, id: string): boolean {
  try {
    const selected = where(row)
    if (selected !== true) refusePromise(selected)
    return selected
  } catch (error) {
    const message = `The \`where\` of the rule ${id} threw: ${(error as Error)?.message}`
    throw new SluiceError('rule-failed', message, { cause: error })
  }
}
