import { aFunction, checkOptions } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { RecordBatch } from '../../records/record-batch.ts'
import { refusePromise } from '../../records/refuse-promise.ts'
import { type Row, rowsOf } from '../../records/rows.ts'
import { LIVE } from '../../records/span.ts'
import { NAMED, SEVERITY } from '../check-rules.ts'
import type { DatasetRule, Observed, Severity } from '../rule.ts'

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
    bind: () => (batch, state) => addRows(batch, state, add as never, name),
    end: (state) => end(state),
  }
}

function addRows(
  batch: RecordBatch,
  before: unknown,
  add: (state: unknown, row: Row) => unknown,
  id: string,
): Observed {
  const rows = rowsOf(batch)
  const { mask } = batch
  let [state, evaluated] = [before, 0]
  for (let row = 0; row < batch.rows; row++) {
    if (mask[row] !== LIVE) continue
    evaluated++
    const next = addTo(state, rows(row), add, id)
    if (next !== undefined) state = next
  }
  return { state, evaluated }
}

function addTo(state: unknown, row: Row, add: (state: unknown, row: Row) => unknown, id: string): unknown {
  try {
    const next = add(state, row)
    if (next !== undefined) refusePromise(next)
    return next
  } catch (error) {
    throw new SluiceError('rule-failed', `The rule ${id} threw: ${(error as Error).message}`, { cause: error })
  }
}
