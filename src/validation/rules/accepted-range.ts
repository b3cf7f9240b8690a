import { checkOptions, type OptionCheck } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { Row } from '../../records/rows.ts'
import { cellRule } from '../cell-rule.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { instantOf } from '../instant-text.ts'
import { compareExact, type ExactNumber, exactNumber } from '../number-text.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/** A number, also as exact text such as `'0.10'`; or a day or an instant. */
export type RangeBound = number | bigint | string | Date

export interface Range {
  readonly min?: RangeBound
  readonly max?: RangeBound
  /** Bounds that are no accepted values themselves: both (`true`), or one of them. Default `false`. */
  readonly exclusive?: boolean | 'min' | 'max'
}

/**
 * Every value lies between the bounds. Numbers are compared exactly, digit by digit; with a `Date` as bound, values are
 * days and instants in ISO 8601 (without a zone: UTC), and of a fraction of a second three digits count. Text that is
 * neither fails. Nulls are not looked at.
 *
 * @throws SluiceError `job-invalid` for a range without bounds, with bounds of both sorts, or in the wrong order.
 */
export function acceptedRange<C extends string, T = Row>(
  column: C,
  range: Range,
  options: RuleOptions<T> = {},
): RowRule<C> {
  checkColumns('acceptedRange', [column])
  checkRange(range)
  checkRuleOptions('acceptedRange', options)
  const { min, max, exclusive = false } = range
  const isAbove = limit(min, 1, exclusive === true || exclusive === 'min')
  const isBelow = limit(max, -1, exclusive === true || exclusive === 'max')
  return cellRule({
    type: 'accepted_range',
    column,
    options: options as RuleOptions<never>,
    description: { min: shown(min), max: shown(max), exclusive },
    code: 'out-of-range',
    message: `"${column}" must be ${wanted(range)}.`,
    test: (text) => isAbove(text) && isBelow(text),
  })
}

/** Whether a value lies on the right side of a bound. */
function limit(bound: RangeBound | undefined, sign: 1 | -1, exclusive: boolean): (text: string) => boolean {
  if (bound === undefined) return () => true
  const least = exclusive ? 1 : 0
  if (bound instanceof Date) {
    const instant = bound.getTime()
    return (text) => Math.sign(instantOf(text) - instant) * sign >= least
  }
  const known = exactNumber(String(bound)) as ExactNumber
  return (text) => {
    const number = exactNumber(text)
    return number !== undefined && compareExact(number, known) * sign >= least
  }
}

function checkRange(range: Range): void {
  checkOptions<Range>('acceptedRange', range, { min: BOUND, max: BOUND, exclusive: EXCLUSIVE })
  const { min, max } = range
  if (min === undefined && max === undefined) throw invalid('give `min`, `max` or both')
  if (min === undefined || max === undefined) return
  if (min instanceof Date !== max instanceof Date) throw invalid('`min` and `max` must both be dates, or both numbers')
  const isReverse =
    min instanceof Date
      ? min.getTime() > (max as Date).getTime()
      : compareExact(exactNumber(String(min)) as ExactNumber, exactNumber(String(max)) as ExactNumber) > 0
  if (isReverse) throw invalid('`min` is greater than `max`, so that no value passes')
}

function wanted({ min, max, exclusive = false }: Range): string {
  const from =
    min === undefined
      ? undefined
      : `${exclusive === true || exclusive === 'min' ? 'more than' : 'at least'} ${shown(min)}`
  const to =
    max === undefined
      ? undefined
      : `${exclusive === true || exclusive === 'max' ? 'less than' : 'at most'} ${shown(max)}`
  return [from, to].filter((part) => part !== undefined).join(' and ')
}

function shown(bound: RangeBound | undefined): string | undefined {
  if (bound === undefined) return undefined
  return bound instanceof Date ? bound.toISOString() : String(bound)
}

function invalid(what: string): SluiceError {
  return new SluiceError('job-invalid', `acceptedRange: ${what}.`)
}

const BOUND: OptionCheck = {
  wanted: 'a number, its exact text, or a valid Date',
  accepts: (value) => {
    if (value instanceof Date) return !Number.isNaN(value.getTime())
    return ['number', 'bigint', 'string'].includes(typeof value) && exactNumber(String(value)) !== undefined
  },
}

const EXCLUSIVE: OptionCheck = {
  wanted: 'true, false, "min" or "max"',
  accepts: (value) => typeof value === 'boolean' || value === 'min' || value === 'max',
}
