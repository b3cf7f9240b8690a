import { checkOptions, type OptionCheck, type OptionChecks, oneOf, TEXT, wholeNumber } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import type { Row } from '../records/rows.ts'
import type { DatasetOptions, Rule, RuleOptions } from './rule.ts'

/** The rules of a job must be what they can be: a rule that nobody knows would judge no row. Throws `job-invalid`. */
export function checkRules(definition: object): void {
  checkOptions<Record<string, unknown>>('validate', definition as Record<string, unknown>, {
    requiredColumns: { wanted: 'an array of column names', accepts: (value) => isList(value, isName) },
    uniqueColumns: {
      wanted: 'an array of column names, or of arrays of those that make a key together',
      accepts: (value) => isList(value, (key) => isName(key) || isKey(key)),
    },
    stringPatterns: {
      wanted: 'an object of columns and regular expressions, such as { country: /[A-Z]{2}/ }',
      accepts: (value) => isPlain(value) && Object.values(value).every((regex) => regex instanceof RegExp),
    },
    rules: { ...LIST_OF_RULES, accepts: (value) => typeof value === 'function' || isList(value, isRule) },
  })
}

/** What the function behind `rules` returned. Throws `job-invalid`. */
export function checkRuleList(list: unknown): asserts list is readonly Rule[] {
  if (list === undefined) throw invalid('the function in `rules` returned nothing; is a `return` missing?')
  if (!isList(list, isRule)) throw invalid(`the function in \`rules\` must return ${LIST_OF_RULES.wanted}.`)
}

/** The columns of one rule. Throws `job-invalid`. */
export function checkColumns(rule: string, columns: readonly unknown[]): void {
  if (!isKey(columns)) throw new SluiceError('job-invalid', `${rule}: the name of the column is missing.`)
}

/** The options of one rule. Throws `job-invalid`. */
export function checkRuleOptions(
  rule: string,
  options: RuleOptions<never>,
  more: Readonly<Record<string, OptionCheck>> = {},
): void {
  checkOptions<RuleOptions<never>>(rule, options, { ...RULE_OPTIONS, ...more })
}

/** The options of one rule on all rows. Throws `job-invalid`. */
export function checkDatasetOptions(rule: string, options: DatasetOptions<never>): void {
  const { severity, where } = RULE_OPTIONS
  checkOptions<DatasetOptions<never>>(rule, options, { severity, where })
}

export const SEVERITY: OptionCheck = oneOf('error', 'warn', 'info')

export const PERCENT: OptionCheck = {
  wanted: 'a number from 0 to 100',
  accepts: (value) => typeof value === 'number' && value <= 100 && /^\d{1,3}(\.\d+)?$/.test(String(value)),
}

/** `name`, for rules that take one. */
export const NAMED: { readonly name: OptionCheck } = { name: TEXT }

const LIST_OF_RULES: OptionCheck = {
  wanted: 'an array of rules such as rowRule(…), or a function that returns one',
  accepts: (value) => isList(value, isRule),
}

const RULE_OPTIONS: OptionChecks<RuleOptions> = {
  severity: SEVERITY,
  maxFailed: wholeNumber(0),
  maxFailedPercent: PERCENT,
  where: { wanted: 'a function on rows', accepts: (value) => typeof value === 'function' },
}

function isList(value: unknown, isItem: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isItem)
}

function isKey(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isName)
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isRule(value: unknown): value is Rule {
  return isPlain(value) && ['row', 'unique', 'dataset'].includes((value as Partial<Rule<string>>).level as string)
}

function isPlain(value: unknown): value is Row {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function invalid(what: string): SluiceError {
  return new SluiceError('job-invalid', `validate: ${what}`)
}
