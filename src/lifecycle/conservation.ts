import type { StageCounts } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SealedPart } from '../sinks/sink.ts'
import type { SplitTicket } from './stage.ts'

/**
 * No row is lost unnoticed: every stage accounts for all rows that entered it, what leaves one enters the next, and
 * every rejected row has its dead letter. Throws `not-conserved`.
 */
export function checkConservation(tickets: readonly SplitTicket[]): void {
  checkGathering(tickets)
  for (const { split, stages, verdict } of tickets) {
    stages.forEach((counts, index) => {
      const entered = counts.in + counts.produced
      const left = counts.out + counts.filtered + counts.rejected + counts.consumed
      if (entered !== left || counts.filtered < 0) {
        throw lost(split.source, `the stage ${counts.stage} took ${entered} rows and accounts for ${left}`, counts)
      }
      const next = stages[index + 1]
      if (next !== undefined && next.in !== counts.out) {
        throw lost(split.source, `${counts.out} rows left ${counts.stage} and ${next.in} entered ${next.stage}`, counts)
      }
    })
    const rejected = stages.reduce((sum, counts) => sum + counts.rejected, 0)
    if (rejected !== verdict.letters.letters) {
      throw lost(split.source, `${rejected} rows were rejected and ${verdict.letters.letters} have dead letters`)
    }
  }
}

/** A gathering step has taken as many rows as were staged for it. */
function checkGathering(tickets: readonly SplitTicket[]): void {
  for (const { gathered, stages } of tickets) {
    if (gathered === undefined) continue
    const staged = tickets.reduce((sum, { feeds, part }) => (feeds === gathered ? sum + part.rows : sum), 0)
    const taken = stages[0]?.in
    if (taken !== staged) throw lost(gathered, `${staged} rows were staged for it and it took ${taken}`)
  }
}

/** Taking rows out of a part takes out those rows and no others. Throws `not-conserved`. */
export function checkCut({ split, part }: SplitTicket, after: SealedPart, dropped: number): void {
  if (part.rows - after.rows === dropped) return
  throw lost(
    split.source,
    `${dropped} of ${part.rows} staged rows were rejected by the judge and ${after.rows} are left`,
  )
}

/** Every rejected record has its dead letter, written once. Throws `not-conserved`. */
export function checkLetters(rejected: number, letters: number, source: string): void {
  if (letters !== rejected) throw lost(source, `${rejected} records were rejected and ${letters} have dead letters`)
}

function lost(source: string, what: string, counts?: StageCounts): SluiceError {
  const text = `Rows of ${source} are not conserved: ${what}. Nothing was committed.`
  return new SluiceError('not-conserved', text, { context: { source, ...counts } })
}
