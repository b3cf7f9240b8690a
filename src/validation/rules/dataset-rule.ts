import { aFunction, checkOptions } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { Row } from '../../records/rows.ts'
import { NAMED, SEVERITY } from '../check-rules.ts'
import type { DatasetRule, Severity } from '../rule.ts'

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
