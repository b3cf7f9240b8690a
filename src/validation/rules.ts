import type { Row } from '../records/rows.ts'
import { checkRuleList, checkRules } from './check-rules.ts'
import type { CountRange } from './count-range.ts'
import type { FormatName } from './formats.ts'
import type { DatasetOptions, DatasetRule, RowRule, Rule, RuleOptions, UniqueRule } from './rule.ts'
import { acceptedRange, type Range } from './rules/accepted-range.ts'
import { acceptedValues } from './rules/accepted-values.ts'
import { type Aggregates, aggregate } from './rules/aggregate.ts'
import { type ColumnsMatchOptions, columnsMatch } from './rules/columns-match.ts'
import { completeness } from './rules/completeness.ts'
import { type DatasetRuleParts, datasetRule } from './rules/dataset-rule.ts'
import { format } from './rules/format.ts'
import { type Age, freshness } from './rules/freshness.ts'
import { maxLength } from './rules/max-length.ts'
import { minLength } from './rules/min-length.ts'
import { notAcceptedValues } from './rules/not-accepted-values.ts'
import { notEmptyString } from './rules/not-empty-string.ts'
import { notNull } from './rules/not-null.ts'
import { required } from './rules/required-columns.ts'
import { rowCount } from './rules/row-count.ts'
import { type RowRuleOptions, rowRule } from './rules/row-rule.ts'
import { type PatternOptions, pattern } from './rules/string-patterns.ts'
import { unique } from './rules/unique-columns.ts'
import type { ListedValue } from './value-list.ts'

type Names<T> = keyof T & string

/** What must hold for the rows that reach the sink. Columns that are not there do not compile. */
export interface Rules<T = Row> {
  /** The columns are there, and no cell of them is null. */
  readonly requiredColumns?: readonly Names<T>[]
  /** `['a', 'b']`: no value twice in `a`, none in `b`. `[['a', 'b']]`: no pair twice. Nulls are no keys. */
  readonly uniqueColumns?: readonly (Names<T> | readonly Names<T>[])[]
  /** The whole value matches; nulls are not looked at. The flags g and y mean nothing here. */
  readonly stringPatterns?: { readonly [K in Names<T>]?: RegExp }
  /**
   * `required`, `unique`, `pattern`, `rowRule`, `datasetRule`: a list of them, or a function that gets them typed for
   * the rows at hand and returns the list, `({ rowRule }) => [rowRule((row) => row.from <= row.to)]`.
   */
  readonly rules?: readonly Rule<Names<T>>[] | ((make: RuleMakers<T>) => readonly Rule<Names<T>>[])
}

/** The functions that make rules, for rows of one type. */
export interface RuleMakers<T> {
  required(column: Names<T>, options?: RuleOptions<T>): RowRule<Names<T>>
  notNull(column: Names<T>, options?: RuleOptions<T>): RowRule<Names<T>>
  notEmptyString(column: Names<T>, options?: RuleOptions<T>): RowRule<Names<T>>
  minLength(column: Names<T>, length: number, options?: RuleOptions<T>): RowRule<Names<T>>
  maxLength(column: Names<T>, length: number, options?: RuleOptions<T>): RowRule<Names<T>>
  acceptedValues(column: Names<T>, values: readonly ListedValue[], options?: RuleOptions<T>): RowRule<Names<T>>
  notAcceptedValues(column: Names<T>, values: readonly ListedValue[], options?: RuleOptions<T>): RowRule<Names<T>>
  acceptedRange(column: Names<T>, range: Range, options?: RuleOptions<T>): RowRule<Names<T>>
  format(column: Names<T>, name: FormatName, options?: RuleOptions<T>): RowRule<Names<T>>
  unique(columns: Names<T> | readonly Names<T>[], options?: RuleOptions<T>): UniqueRule<Names<T>>
  pattern(column: Names<T>, regex: RegExp, options?: PatternOptions<T>): RowRule<Names<T>>
  rowRule(fn: (row: T) => boolean | string, options?: RowRuleOptions<T>): RowRule<never>
  rowCount(range: CountRange, options?: DatasetOptions<T>): DatasetRule<never>
  columnsMatch(columns: readonly string[], options?: ColumnsMatchOptions): DatasetRule<never>
  completeness(column: Names<T>, minPercent: number, options?: DatasetOptions<T>): DatasetRule<Names<T>>
  aggregate(column: Names<T>, wanted: Aggregates, options?: DatasetOptions<T>): DatasetRule<Names<T>>
  freshness(column: Names<T>, maxAge: Age, options?: DatasetOptions<T>): DatasetRule<Names<T>>
  datasetRule<S>(parts: DatasetRuleParts<S, T>): DatasetRule<never>
}

/** All rules of a definition as one list with unique ids. Throws `job-invalid`. */
export function rulesOf(definition: Rules<never>): readonly Rule[] {
  checkRules(definition)
  const { requiredColumns = [], uniqueColumns = [], stringPatterns = {}, rules = [] } = definition as Rules<Row>
  const all: Rule[] = [
    ...requiredColumns.map((column) => required(column)),
    ...Object.entries(stringPatterns).map(([column, regex]) => pattern(column, regex as RegExp)),
    ...uniqueColumns.map((columns) => unique(columns)),
    ...(typeof rules === 'function' ? made(rules) : rules),
  ]
  const ids = new Map<string, number>()
  return all.map((rule) => {
    const count = (ids.get(rule.id) ?? 0) + 1
    ids.set(rule.id, count)
    return count === 1 ? rule : { ...rule, id: `${rule.id}.${count}` }
  })
}

function made(rules: (make: RuleMakers<Row>) => readonly Rule[]): readonly Rule[] {
  const list = rules(MAKERS)
  checkRuleList(list)
  return list
}

const MAKERS: RuleMakers<Row> = {
  required,
  notNull,
  notEmptyString,
  minLength,
  maxLength,
  acceptedValues,
  notAcceptedValues,
  acceptedRange,
  format,
  unique,
  pattern,
  rowRule,
  rowCount,
  columnsMatch,
  completeness,
  aggregate,
  freshness,
  datasetRule,
}
