import { aFunction, checkOptions } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import type { Row } from '../records/rows.ts'
import { checkColumns, checkRuleList, checkRuleOptions, checkRules, NAMED, SEVERITY } from './check-rules.ts'
import { type PatternOptions, pattern, type RowRuleOptions, required, rowRule } from './row-rules.ts'
import type { DatasetRule, RowRule, Rule, RuleOptions, Severity, UniqueRule } from './rule.ts'

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
  unique(columns: Names<T> | readonly Names<T>[], options?: RuleOptions<T>): UniqueRule<Names<T>>
  pattern(column: Names<T>, regex: RegExp, options?: PatternOptions<T>): RowRule<Names<T>>
  rowRule(fn: (row: T) => boolean | string, options?: RowRuleOptions<T>): RowRule<never>
  datasetRule<S>(parts: DatasetRuleParts<S, T>): DatasetRule<never>
}

/** No value, or combination of values, twice in the whole run. */
export function unique<const C extends string, T = Row>(
  columns: C | readonly C[],
  options: RuleOptions<T> = {},
): UniqueRule<C> {
  const names = typeof columns === 'string' ? [columns] : [...(columns ?? [])]
  checkColumns('unique', names)
  checkRuleOptions('unique', options)
  return {
    level: 'unique',
    id: `${names.join('+')}.unique_columns`,
    type: 'unique_columns',
    columns: names,
    options: options as RuleOptions<never>,
    description: { type: 'unique_columns', columns: names },
  }
}

export interface DatasetRuleParts<S, T> {
  /** What reports call it; default `dataset_rule`. */
  readonly name?: string
  readonly severity?: Severity
  start(): S
  // biome-ignore lint/suspicious/noConfusingVoidType: a function that changes its state returns nothing
  add(state: S, row: T): S | void
  end(state: S): string | readonly string[] | undefined
}

/**
 * A rule of one's own over all rows that passed the row rules, duplicates included: `start` makes the state, `add`
 * takes a row (and may return the next state), `end` returns what is wrong, or nothing.
 */
export function datasetRule<S, T = Row>(parts: DatasetRuleParts<S, T>): DatasetRule<never> {
  checkOptions<DatasetRuleParts<S, T>>('datasetRule', parts, {
    ...NAMED,
    severity: SEVERITY,
    start: aFunction('a function that makes the state'),
    add: aFunction('a function that adds a row to the state'),
    end: aFunction('a function that says what is wrong'),
  })
  const { name = 'dataset_rule', severity = 'error', start, add, end } = parts
  for (const [part, fn] of Object.entries({ start, add, end })) {
    if (fn === undefined) throw new SluiceError('job-invalid', `datasetRule: \`${part}\` is missing.`)
  }
  return {
    level: 'dataset',
    id: name,
    type: 'dataset_rule',
    columns: [],
    options: { severity },
    description: { type: 'dataset_rule', name, start: String(start), add: String(add), end: String(end) },
    start,
    add: add as DatasetRule['add'],
    end: end as DatasetRule['end'],
  }
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
  const list = rules({ required, unique, pattern, rowRule, datasetRule })
  checkRuleList(list)
  return list
}
