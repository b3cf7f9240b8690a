import type { Row } from '../../records/rows.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import type { RuleOptions, UniqueRule } from '../rule.ts'

/** No value, or combination of values, twice in the whole run. */
export function unique<const C extends string, T = Row>(
  columns: C | readonly C[],
  options: RuleOptions<T> = {},
): UniqueRule<C> {
  const names = typeof columns === 'string' ? [columns] : [...(columns ?? [])]
  checkColumns('unique', names)
  checkRuleOptions('unique', options)
  return {
    level: 'unique',
    id: `${names.join('+')}.unique_columns`,
    type: 'unique_columns',
    columns: names,
    options: options as RuleOptions<never>,
    description: { type: 'unique_columns', columns: names },
  }
}
