import type { Row } from '../../records/rows.ts'
import { lengthRule } from '../length-rule.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/** No value has more characters. Characters are Unicode code points; nulls are not looked at. */
export function maxLength<C extends string, T = Row>(
  column: C,
  length: number,
  options: RuleOptions<T> = {},
): RowRule<C> {
  const rule = {
    name: 'maxLength',
    type: 'max_length',
    code: 'too-long',
    wanted: 'at most',
    accepts: (characters: number) => characters <= length,
    pattern: `[^]{0,${length}}`,
  } as const
  return lengthRule(rule, column, length, options as RuleOptions<never>)
}
