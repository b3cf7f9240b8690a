import type { Column } from '../records/column.ts'
import type { RowError } from '../records/row-errors.ts'
import { missingRows } from './missing-rows.ts'
import type { RowRule, RuleOptions } from './rule.ts'

/** A rule that no cell of a column is null; that the column is there holds for the columns of every rule. */
export function presenceRule<C extends string>(type: string, column: C, options: RuleOptions<never>): RowRule<C> {
  const id = `${column}.${type}`
  const message = `"${column}" is required and empty.`
  // One object for all rows: there may be as many failures as rows.
  const failure: RowError = { code: 'missing-value', message, rule: id, column, value: null }
  return {
    level: 'row',
    id,
    type,
    columns: [column],
    options,
    description: { type, column },
    bind: (schema) => {
      const index = schema.indexOf.get(column) as number
      return (batch, report) => {
        for (const row of missingRows(batch, batch.columns[index] as Column)) report(row, failure)
        return batch.flowing
      }
    },
  }
}
