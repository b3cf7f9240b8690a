import type { Row } from '../../records/rows.ts'
import { checkDatasetOptions } from '../check-rules.ts'
import { type CountRange, checkCountRange, isInRange, rangeText } from '../count-range.ts'
import { observedRows } from '../observed-rows.ts'
import type { DatasetOptions, DatasetRule, RuleOptions } from '../rule.ts'

/**
 * So many rows pass the row rules; duplicates are among them.
 *
 * @throws SluiceError `job-invalid` for a range without bounds.
 */
export function rowCount<T = Row>(range: CountRange, options: DatasetOptions<T> = {}): DatasetRule<never> {
  checkCountRange('rowCount', range)
  checkDatasetOptions('rowCount', options)
  const id = 'row_count'
  return {
    level: 'dataset',
    id,
    type: 'row_count',
    columns: [],
    options: options as RuleOptions<never>,
    description: { type: 'row_count', ...range },
    start: () => 0,
    bind: () => (batch, count: number) => {
      const evaluated = observedRows(batch, options as RuleOptions<never>, id).length
      return { state: count + evaluated, evaluated }
    },
    end: (count: number) => {
      if (isInRange(count, range)) return undefined
      return `There are ${count} rows, and ${rangeText(range)} are asked for`
    },
  }
}
