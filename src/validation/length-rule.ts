import { wholeNumber } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import { cellRule } from './cell-rule.ts'
import { checkColumns, checkRuleOptions } from './check-rules.ts'
import { compilePattern } from './pattern.ts'
import type { RowRule, RuleOptions } from './rule.ts'

interface LengthRule {
  /** What the rule's function is called. */
  readonly name: 'minLength' | 'maxLength'
  readonly type: string
  readonly code: string
  readonly wanted: string
  readonly accepts: (length: number) => boolean
  /** The same for text in ASCII. */
  readonly pattern: string
}

/** A rule on the number of characters (Unicode code points) of each value. */
export function lengthRule<C extends string>(
  { name, type, code, wanted, accepts, pattern }: LengthRule,
  column: C,
  length: number,
  options: RuleOptions<never>,
): RowRule<C> {
  checkColumns(name, [column])
  checkRuleOptions(name, options)
  const check = wholeNumber(0)
  if (!check.accepts(length)) throw new SluiceError('job-invalid', `${name}: the length must be ${check.wanted}.`)
  return cellRule({
    type,
    column,
    options,
    description: { length },
    code,
    message: `"${column}" must have ${wanted} ${length} ${length === 1 ? 'character' : 'characters'}.`,
    test: (text) => accepts(characters(text)),
    table: compilePattern(new RegExp(pattern)).table,
  })
}

function characters(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}
