import type { Row } from '../../records/rows.ts'
import { cellRule } from '../cell-rule.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { compilePattern } from '../pattern.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/** No value is empty, or made of white space alone. Nulls are not looked at: see `notNull`. */
export function notEmptyString<C extends string, T = Row>(column: C, options: RuleOptions<T> = {}): RowRule<C> {
  checkColumns('notEmptyString', [column])
  checkRuleOptions('notEmptyString', options)
  return cellRule({
    type: 'not_empty_string',
    column,
    options: options as RuleOptions<never>,
    description: {},
    code: 'empty-string',
    message: `"${column}" holds nothing but white space.`,
    test: (text) => /\S/.test(text),
    table: compilePattern(/\S/, { match: 'search' }).table,
  })
}
