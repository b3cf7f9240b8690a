import type { RejectTally } from '../validation/reject-tallies.ts'
import { MAX_SAMPLES } from '../validation/rule.ts'
import { fromSplit, type ResultSample } from './rule-results.ts'
import type { SplitTicket } from './stage.ts'

/** The records of the whole run that were rejected with one code, for another reason than a rule. */
export interface RejectResult {
  readonly code: string
  readonly stage: RejectTally['stage']
  readonly rows: number
  readonly samples: readonly ResultSample[]
  readonly samplesTruncated: boolean
}

/** Adds up what the splits rejected, in the order in which the codes were first met. */
export function rejectResults(tickets: readonly SplitTicket[]): readonly RejectResult[] {
  const found = tickets.flatMap(({ split, verdict }) =>
    verdict.rejects.map((tally) => ({ ...tally, samples: tally.samples.map((one) => fromSplit(one, split.source)) })),
  )
  return [...Map.groupBy(found, ({ code }) => code)].map(([code, tallies]) => {
    const rows = tallies.reduce((sum, tally) => sum + tally.rows, 0)
    const samples = tallies.flatMap((tally) => tally.samples).slice(0, MAX_SAMPLES)
    return { code, stage: tallies[0]?.stage ?? 'read', rows, samples, samplesTruncated: rows > samples.length }
  })
}
