import { BOOLEAN, COLUMN_NAMES, checkOptions } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import type { Schema } from '../../records/schema.ts'
import { SEVERITY } from '../check-rules.ts'
import { observedRows } from '../observed-rows.ts'
import type { DatasetRule, Severity } from '../rule.ts'

export interface ColumnsMatchOptions {
  readonly severity?: Severity
  /** Columns beside these are no failure. Default `false`. */
  readonly allowExtra?: boolean
  /** The columns come in this order. Default `false`. */
  readonly ordered?: boolean
}

/** The rows have these columns and no others. */
export function columnsMatch(columns: readonly string[], options: ColumnsMatchOptions = {}): DatasetRule<never> {
  if (!COLUMN_NAMES.accepts(columns)) {
    throw new SluiceError('job-invalid', `columnsMatch: the columns must be ${COLUMN_NAMES.wanted}.`)
  }
  checkOptions<ColumnsMatchOptions>('columnsMatch', options, {
    severity: SEVERITY,
    allowExtra: BOOLEAN,
    ordered: BOOLEAN,
  })
  const { severity = 'error', allowExtra = false, ordered = false } = options
  return {
    level: 'dataset',
    id: 'columns_match',
    type: 'columns_match',
    columns: [],
    options: { severity },
    description: { type: 'columns_match', columns, allowExtra, ordered },
    start: () => [],
    bind: (schema) => {
      const found = differences(schema, columns, { allowExtra, ordered })
      return (batch, known: readonly string[]) => {
        const evaluated = observedRows(batch, {}, 'columns_match').length
        return { state: [...known, ...found.filter((message) => !known.includes(message))], evaluated }
      }
    },
    end: (messages: readonly string[]) => messages,
  }
}

function differences(
  { columns: found }: Schema,
  wanted: readonly string[],
  { allowExtra, ordered }: { readonly allowExtra: boolean; readonly ordered: boolean },
): readonly string[] {
  const missing = wanted.filter((name) => !found.includes(name))
  const extra = allowExtra ? [] : found.filter((name) => !wanted.includes(name))
  const common = found.filter((name) => wanted.includes(name))
  const inOrder = wanted.filter((name) => found.includes(name))
  const isOutOfOrder = ordered && common.some((name, index) => name !== inOrder[index])
  return [
    ...missing.map((name) => `There is no column "${name}"`),
    ...extra.map((name) => `There is a column "${name}" that is not asked for`),
    ...(isOutOfOrder ? [`The columns come in the order ${quoted(common)}, not ${quoted(inOrder)}`] : []),
  ]
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ')
}
