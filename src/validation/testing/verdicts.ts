import type { RowError } from '../../records/row-errors.ts'
import { textBatch } from '../../records/testing/text-batch.ts'
import type { RowRule } from '../rule.ts'

export interface Verdicts {
  readonly evaluated: number
  /** The cells that failed. */
  readonly failed: readonly (string | null)[]
  readonly errors: readonly RowError[]
}

/** What a rule on the column `a` says of its cells, which come in batches of so many rows. */
export function verdictsOf(
  rule: RowRule,
  cells: readonly (string | null)[],
  batchRows: number = cells.length,
): Verdicts {
  const failed: (string | null)[] = []
  const errors: RowError[] = []
  let evaluated = 0
  for (let from = 0; from < cells.length; from += batchRows) {
    const batch = textBatch({ a: cells.slice(from, from + batchRows) })
    evaluated += rule.bind(batch.schema)(batch, (row, error) => {
      failed.push(cells[from + row] as string | null)
      errors.push(error)
    })
  }
  return { evaluated, failed, errors }
}

/** Those of the values that fail a rule. */
export function failing(rule: RowRule, ...cells: readonly (string | null)[]): readonly (string | null)[] {
  return verdictsOf(rule, cells).failed
}
