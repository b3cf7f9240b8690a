import { SluiceError } from '../../errors.ts'
import type { Row } from '../../records/rows.ts'
import { cellRule } from '../cell-rule.ts'
import { checkColumns, checkRuleOptions } from '../check-rules.ts'
import { FORMATS, type FormatName } from '../formats.ts'
import type { RowRule, RuleOptions } from '../rule.ts'

/**
 * Every value has the format: `email`, `e164_phone`, `url`, `uuid` or `iso_date`; see `FORMATS`. Nothing is cleaned: what
 * `cleanEmail` and `standardizePhone` make passes. Nulls are not looked at.
 */
export function format<C extends string, T = Row>(
  column: C,
  name: FormatName,
  options: RuleOptions<T> = {},
): RowRule<C> {
  checkColumns('format', [column])
  checkRuleOptions('format', options)
  if (!Object.hasOwn(FORMATS, name)) {
    const known = Object.keys(FORMATS).join(', ')
    throw new SluiceError('job-invalid', `format: there is no format "${name}"; the formats are ${known}.`)
  }
  const { wanted, test, table } = FORMATS[name]()
  return cellRule({
    type: 'format',
    column,
    options: options as RuleOptions<never>,
    description: { format: name },
    code: `not-${name.replaceAll('_', '-')}`,
    message: `"${column}" must be ${wanted}.`,
    test,
    table,
  })
}
