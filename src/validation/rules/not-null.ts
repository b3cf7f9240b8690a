import type { Row } from '../../records/rows.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { presenceRule } from '../presence-rule.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/** No cell of the column is null: `required` under the name that it has with a severity, a limit or a condition. */
export function notNull<C extends string, T = Row>(column: C, options: RuleOptions<T> = {}): RowRule<C> {
  checkColumns('notNull', [column])
  checkRuleOptions('notNull', options)
  return presenceRule('not_null', column, options as RuleOptions<never>)
}
