import type { Row } from '../../records/rows.ts'
import { cellRule } from '../cell-rule.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import type { RowRule, RuleOptions } from '../rule.ts'
import { type ListedValue, listed, textsOf } from '../value-list.ts'

/** No value is one of these, as text: `1` is `"1"`, and `"01"` is another. Nulls are not looked at. */
export function notAcceptedValues<C extends string, T = Row>(
  column: C,
  values: readonly ListedValue[],
  options: RuleOptions<T> = {},
): RowRule<C> {
  checkColumns('notAcceptedValues', [column])
  checkRuleOptions('notAcceptedValues', options)
  const texts = textsOf('notAcceptedValues', values)
  return cellRule({
    type: 'not_accepted_values',
    column,
    options: options as RuleOptions<never>,
    description: { values: [...texts] },
    code: 'value-not-accepted',
    message: `"${column}" must not be ${listed(texts)}.`,
    test: (text) => !texts.has(text),
  })
}
