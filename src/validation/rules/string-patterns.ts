import { oneOf } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { Row } from '../../records/rows.ts'
import { cellRule } from '../cell-rule.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { compilePattern } from '../pattern.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

export interface PatternOptions<T> extends RuleOptions<T> {
  /** `full`: the whole value matches. `search`: some part of it does. Default `full`. */
  readonly match?: 'full' | 'search'
}

/** Every value of the column matches; nulls are not looked at. */
export function pattern<C extends string, T = Row>(
  column: C,
  regex: RegExp,
  options: PatternOptions<T> = {},
): RowRule<C> {
  checkColumns('pattern', [column])
  checkRuleOptions('pattern', options, { match: oneOf('full', 'search') })
  if (!(regex instanceof RegExp)) {
    throw new SluiceError('job-invalid', `pattern: "${column}" needs a regular expression such as /^[A-Z]+$/.`)
  }
  const { match = 'full' } = options
  const { test, table } = compilePattern(regex, { match })
  return cellRule({
    type: 'string_patterns',
    column,
    options: options as RuleOptions<never>,
    description: { pattern: String(regex), match },
    code: 'pattern-mismatch',
    message: `"${column}" does not match ${regex}.`,
    test,
    table,
  })
}
