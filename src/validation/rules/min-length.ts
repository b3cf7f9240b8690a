import type { Row } from '../../records/rows.ts'
import { lengthRule } from '../length-rule.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/** Every value has so many characters at least. Characters are Unicode code points; nulls are not looked at. */
export function minLength<C extends string, T = Row>(
  column: C,
  length: number,
  options: RuleOptions<T> = {},
): RowRule<C> {
  const rule = {
    name: 'minLength',
    type: 'min_length',
    code: 'too-short',
    wanted: 'at least',
    accepts: (characters: number) => characters >= length,
    pattern: `[^]{${length},}`,
  } as const
  return lengthRule(rule, column, length, options as RuleOptions<never>)
}
