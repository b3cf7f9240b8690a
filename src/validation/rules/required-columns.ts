import type { Row } from '../../records/rows.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { presenceRule } from '../presence-rule.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/** The column is there, and no cell of it is null. */
export function required<C extends string, T = Row>(column: C, options: RuleOptions<T> = {}): RowRule<C> {
  checkColumns('required', [column])
  checkRuleOptions('required', options)
  return presenceRule('required_columns', column, options as RuleOptions<never>)
}
