import type { Results } from './results.ts'
import type { CaseResult } from './run-case.ts'

export interface RowCost {
  readonly rows: number
  /** Time beyond a run over one row, for each row, by medians. */
  readonly nanoseconds: number
  /** False when that time is no longer than the one-row runs differ among themselves: then the figure says nothing. */
  readonly aboveNoise: boolean
}

/** The cost of a row at each size of the reference job, with the cost of a process that reads one row taken off. */
export function rowCosts({ cases }: Results): RowCost[] {
  const start = cases.find(({ name }) => name === 'start')?.measures.get(OURS)?.seconds
  if (start === undefined) return []
  return cases
    .filter(({ name }) => name.startsWith('reference'))
    .toSorted((a, b) => a.data.rows - b.data.rows)
    .flatMap(({ data, measures }: CaseResult) => {
      const seconds = measures.get(OURS)?.seconds
      if (seconds === undefined) return []
      const beyond = seconds.median - start.median
      return { rows: data.rows, nanoseconds: (beyond / data.rows) * 1e9, aboveNoise: beyond > start.max - start.min }
    })
}

/**
 * How much more a row costs at the largest size than at the size where it costs least: 1 is perfectly flat. Sizes
 * whose time drowns in the noise of starting a process do not count.
 */
export function rowCostGrowth(results: Results): number | undefined {
  const costs = rowCosts(results).filter(({ aboveNoise }) => aboveNoise)
  const largest = costs.at(-1)
  if (largest === undefined || costs.length < 2) return undefined
  return largest.nanoseconds / Math.min(...costs.map(({ nanoseconds }) => nanoseconds))
}

const OURS = 'sluice'
