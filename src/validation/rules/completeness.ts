import { SluiceError } from '../../errors.ts'
import type { Column } from '../../records/column.ts'
import { nullRows } from '../../records/null-rows.ts'
import type { Row } from '../../records/rows.ts'
import { checkColumns, checkDatasetOptions, PERCENT } from '../check-rules.ts'
import { observedRows } from '../observed-rows.ts'
import type { DatasetOptions, DatasetRule, RuleOptions } from '../rule.ts'
import { reachesShare } from '../share.ts'

interface State {
  readonly rows: number
  readonly nulls: number
}

/**
 * At least so many percent of the rows that pass the row rules have a value in the column. Of no rows all have.
 *
 * @throws SluiceError `job-invalid` for what is no percentage.
 */
export function completeness<C extends string, T = Row>(
  column: C,
  minPercent: number,
  options: DatasetOptions<T> = {},
): DatasetRule<C> {
  checkColumns('completeness', [column])
  checkDatasetOptions('completeness', options)
  if (!PERCENT.accepts(minPercent)) {
    throw new SluiceError('job-invalid', `completeness: the least share must be ${PERCENT.wanted}.`)
  }
  const id = `${column}.completeness`
  return {
    level: 'dataset',
    id,
    type: 'completeness',
    columns: [column],
    options: options as RuleOptions<never>,
    description: { type: 'completeness', column, minPercent },
    start: (): State => ({ rows: 0, nulls: 0 }),
    bind: (schema) => {
      const index = schema.indexOf.get(column) as number
      return (batch, { rows, nulls }: State) => {
        const observed = observedRows(batch, options as RuleOptions<never>, id)
        const empty = new Set(nullRows(batch, batch.columns[index] as Column))
        const found = observed.reduce((count, row) => count + (empty.has(row) ? 1 : 0), 0)
        return { state: { rows: rows + observed.length, nulls: nulls + found }, evaluated: observed.length }
      }
    },
    end: ({ rows, nulls }: State) => {
      if (reachesShare(rows - nulls, `${minPercent}%`, rows)) return undefined
      return `${nulls} of ${rows} rows have no "${column}", and at least ${minPercent} % must have one`
    },
  }
}
