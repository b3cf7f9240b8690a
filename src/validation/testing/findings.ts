import type { RunContext } from '../../context.ts'
import { textBatch } from '../../records/testing/text-batch.ts'
import type { DatasetRule } from '../rule.ts'

/** When the runs of these tests begin. */
export const NOW: Date = new Date('2026-01-31T12:00:00Z')

/** What a rule on all rows finds wrong with columns of text, which come in batches of so many rows. */
export function findingsOf(
  rule: DatasetRule,
  columns: Readonly<Record<string, readonly (string | null)[]>>,
  batchRows: number = Number.POSITIVE_INFINITY,
): { readonly found: readonly string[]; readonly evaluated: number } {
  const context = { processedAt: NOW } as RunContext
  const rows = Object.values(columns)[0]?.length ?? 0
  let [state, evaluated] = [rule.start(), 0]
  for (let from = 0; from < rows; from += batchRows) {
    const part = Object.entries(columns).map(([name, cells]) => [name, cells.slice(from, from + batchRows)] as const)
    const batch = textBatch(Object.fromEntries(part))
    const observed = rule.bind(batch.schema, context)(batch, state as never)
    state = observed.state
    evaluated += observed.evaluated
  }
  const found = rule.end(state as never, context) ?? []
  return { found: typeof found === 'string' ? [found] : found, evaluated }
}
