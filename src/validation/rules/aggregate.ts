import { checkOptions, type OptionCheck } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import { cellText } from '../../records/cell-text.ts'
import type { Column } from '../../records/column.ts'
import type { Row } from '../../records/rows.ts'
import { checkColumns, checkDatasetOptions } from '../check-rules.ts'
import { compareExact, type ExactNumber, exactNumber, formatExact, timesExact } from '../number-text.ts'
import { observedRows } from '../observed-rows.ts'
import type { DatasetOptions, DatasetRule, RuleOptions } from '../rule.ts'
import { NO_TOTALS, standardDeviation, type Totals, withNumber } from '../running-totals.ts'

/** Bounds that belong to it; numbers, or exact text such as `'0.10'`. */
export interface AggregateRange {
  readonly min?: number | bigint | string
  readonly max?: number | bigint | string
}

export interface Aggregates {
  readonly min?: AggregateRange
  readonly max?: AggregateRange
  readonly sum?: AggregateRange
  readonly mean?: AggregateRange
  /** The standard deviation of the whole population, in floating point; the others are exact. */
  readonly stdev?: AggregateRange
}

type Measure = keyof Aggregates & string

interface State {
  readonly totals: Totals
  /** Values that are no numbers. */
  readonly strange: number
}

/**
 * What the numbers of a column come to together lies between bounds. Nulls do not count; text that is no number fails the
 * rule.
 *
 * @throws SluiceError `job-invalid` when nothing is asked for, or a bound is no number.
 */
export function aggregate<C extends string, T = Row>(
  column: C,
  wanted: Aggregates,
  options: DatasetOptions<T> = {},
): DatasetRule<C> {
  checkColumns('aggregate', [column])
  checkAggregates(wanted)
  checkDatasetOptions('aggregate', options)
  const id = `${column}.aggregate`
  return {
    level: 'dataset',
    id,
    type: 'aggregate',
    columns: [column],
    options: options as RuleOptions<never>,
    description: { type: 'aggregate', column, wanted: textsOf(wanted) },
    start: (): State => ({ totals: NO_TOTALS, strange: 0 }),
    bind: (schema) => {
      const index = schema.indexOf.get(column) as number
      return (batch, before: State) => {
        const cells = batch.columns[index] as Column
        const observed = observedRows(batch, options as RuleOptions<never>, id)
        let { totals, strange } = before
        for (const row of observed) {
          const text = cellText(cells, row)
          if (text === null) continue
          const number = exactNumber(text)
          if (number === undefined) strange++
          else totals = withNumber(totals, number, Number(text))
        }
        return { state: { totals, strange }, evaluated: observed.length }
      }
    },
    end: (state: State) => problems(column, wanted, state),
  }
}

function problems(column: string, wanted: Aggregates, { totals, strange }: State): readonly string[] {
  const found = strange === 0 ? [] : [`${strange} values of "${column}" are no numbers`]
  for (const [measure, range] of Object.entries(wanted) as [Measure, AggregateRange | undefined][]) {
    if (range === undefined) continue
    const { text, compare } = measured(measure, totals)
    const what = `The ${NAMES[measure]} of "${column}"`
    if (compare === undefined) found.push(`${what} is asked for, and the column has no number`)
    else if (range.min !== undefined && compare(range.min) < 0) found.push(`${what} is ${text}, less than ${range.min}`)
    else if (range.max !== undefined && compare(range.max) > 0) found.push(`${what} is ${text}, more than ${range.max}`)
  }
  return found
}

interface Measured {
  readonly text: string
  /** With a bound, as `compareExact`; undefined where there is nothing to measure. */
  readonly compare: ((bound: number | bigint | string) => number) | undefined
}

function measured(measure: Measure, totals: Totals): Measured {
  const { count, sum, least, greatest, mean } = totals
  if (measure === 'sum') return exactly(sum)
  if (count === 0) return { text: '', compare: undefined }
  if (measure === 'min') return exactly(least as ExactNumber)
  if (measure === 'max') return exactly(greatest as ExactNumber)
  if (measure === 'mean') {
    // A mean may have no end of digits: its sum is compared.
    return { text: String(mean), compare: (bound) => compareExact(sum, timesExact(exactBound(bound), count)) }
  }
  const deviation = standardDeviation(totals)
  return { text: String(deviation), compare: (bound) => deviation - Number(bound) }
}

function exactly(number: ExactNumber): Measured {
  return { text: formatExact(number), compare: (bound) => compareExact(number, exactBound(bound)) }
}

function exactBound(bound: number | bigint | string): ExactNumber {
  return exactNumber(String(bound)) as ExactNumber
}

function checkAggregates(wanted: Aggregates): void {
  checkOptions<Aggregates>('aggregate', wanted, { min: RANGE, max: RANGE, sum: RANGE, mean: RANGE, stdev: RANGE })
  if (Object.values(wanted).some((range) => range !== undefined)) return
  throw new SluiceError('job-invalid', 'aggregate: ask for `min`, `max`, `sum`, `mean` or `stdev`.')
}

/** Bounds may be bigints, which JSON has not. */
function textsOf(wanted: Aggregates): unknown {
  return JSON.parse(JSON.stringify(wanted, (_, value) => (typeof value === 'bigint' ? String(value) : value)))
}

const RANGE: OptionCheck = {
  wanted: 'bounds such as { min: 0, max: 100 }',
  accepts: (value) => {
    if (typeof value !== 'object' || value === null) return false
    const bounds = Object.entries(value)
    return bounds.length > 0 && bounds.every(([name, bound]) => /^(min|max)$/.test(name) && isNumber(bound))
  },
}

function isNumber(bound: unknown): boolean {
  return ['number', 'bigint', 'string'].includes(typeof bound) && exactNumber(String(bound)) !== undefined
}

const NAMES: Readonly<Record<Measure, string>> = {
  min: 'least value',
  max: 'greatest value',
  sum: 'sum',
  mean: 'mean',
  stdev: 'standard deviation',
}
