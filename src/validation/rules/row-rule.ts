import { SluiceError } from '../../errors.ts'
import { isRejection } from '../../records/column-function.ts'
import { refusePromise } from '../../records/refuse-promise.ts'
import { type Row, rowsOf } from '../../records/rows.ts'
import { GONE } from '../../records/span.ts'
import { checkRuleOptions, NAMED } from '../check-rules.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

export interface RowRuleOptions<T> extends RuleOptions<T> {
  /** What reports call it; default the name of the function. */
  readonly name?: string
}

/**
 * A rule of one's own on whole rows. The function returns true for a row that passes; false, or a message, rejects it.
 * A throw of `reject(code, message)` sets the code; any other throw ends the run with `rule-failed`.
 */
export function rowRule<T = Row>(fn: (row: T) => boolean | string, options: RowRuleOptions<T> = {}): RowRule<never> {
  if (typeof fn !== 'function') throw new SluiceError('job-invalid', 'rowRule needs a function on rows.')
  checkRuleOptions('rowRule', options, NAMED)
  const id = options.name ?? (fn.name || 'row_rule')
  return {
    level: 'row',
    id,
    type: 'row_rule',
    columns: [],
    options: options as RuleOptions<never>,
    description: { type: 'row_rule', name: id, fn: String(fn) },
    bind: () => (batch, report) => {
      const rows = rowsOf(batch)
      const mask = batch.mask
      let evaluated = 0
      for (let row = 0; row < batch.rows; row++) {
        if (mask[row] === GONE || batch.columns.some((column) => column.failed?.has(row))) continue
        evaluated++
        const problem = judgeRow(fn as (row: Row) => boolean | string, rows(row), id)
        if (problem !== undefined) report(row, { ...problem, rule: id })
      }
      return evaluated
    },
  }
}

function judgeRow(
  fn: (row: Row) => boolean | string,
  row: Row,
  id: string,
): { code: string; message: string } | undefined {
  try {
    const result: unknown = fn(row)
    if (result === true) return undefined
    if (result === false) return { code: 'row-rule', message: `The row fails the rule ${id}.` }
    if (typeof result === 'string') return { code: 'row-rule', message: result }
    refusePromise(result)
    throw new TypeError(`it returned ${typeof result}, not true, false or a message`)
  } catch (error) {
    if (isRejection(error)) return { code: error.code, message: error.message }
    throw new SluiceError('rule-failed', `The rule ${id} threw: ${(error as Error).message}`, { cause: error })
  }
}
