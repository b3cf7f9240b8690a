import type { Row } from '../../records/rows.ts'
import { cellRule } from '../cell-rule.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { compilePattern } from '../pattern.ts'
import type { RowRule, RuleOptions } from '../rule.ts'
import { type ListedValue, listed, textsOf } from '../value-list.ts'

/** Every value is one of these, as text: `1` is `"1"`, and `"01"` is another. Nulls are not looked at. */
export function acceptedValues<C extends string, T = Row>(
  column: C,
  values: readonly ListedValue[],
  options: RuleOptions<T> = {},
): RowRule<C> {
  checkColumns('acceptedValues', [column])
  checkRuleOptions('acceptedValues', options)
  const texts = textsOf('acceptedValues', values)
  return cellRule({
    type: 'accepted_values',
    column,
    options: options as RuleOptions<never>,
    description: { values: [...texts] },
    code: 'value-not-accepted',
    message: `"${column}" must be ${listed(texts)}.`,
    test: (text) => texts.has(text),
    table: compilePattern(new RegExp([...texts].map(escaped).join('|'))).table,
  })
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
