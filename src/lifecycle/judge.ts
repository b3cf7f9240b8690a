import { SluiceError } from '../errors.ts'
import { refusePromise } from '../records/refuse-promise.ts'
import type { SealedPart } from '../sinks/sink.ts'
import { findDuplicates } from '../validation/duplicates.ts'
import { LateErrors } from '../validation/late-errors.ts'
import type { SealedLetterFile } from '../validation/letter-file.ts'
import type { DatasetRule } from '../validation/rule.ts'
import { exceedsShare } from '../validation/share.ts'
import { checkConservation } from './conservation.ts'
import type { MaxRejected } from './job.ts'
import type { NumberedSplit } from './late-rejects.ts'
import { type RejectResult, rejectResults } from './reject-results.ts'
import { type RuleResult, RuleResults } from './rule-results.ts'
import { Sealing, type SealingOptions } from './sealing.ts'
import type { SplitTicket } from './stage.ts'

export interface JudgeOptions extends SealingOptions {
  readonly onInvalid: 'fail' | 'quarantine'
  readonly maxRejected: MaxRejected | undefined
}

export interface Judgement {
  readonly verdict: 'commit' | 'reject'
  /** Why not, when the verdict is `reject`. */
  readonly reason: string | undefined
  readonly rules: readonly RuleResult[]
  /** What was rejected for another reason than a rule. */
  readonly rejects: readonly RejectResult[]
  /** Records rejected in all, by the judge as well. */
  readonly rejected: number
  /** The parts as they will be committed: without the rows that only the judge could reject. */
  readonly parts: readonly SealedPart[]
  readonly letters: SealedLetterFile
}

/**
 * Judges all splits together, once: conservation, uniqueness and rules of the whole dataset, error budgets. Seals the
 * dead letters, for commit and for rejection alike, and takes late rejects out of the parts.
 */
export async function judge(tickets: readonly SplitTicket[], options: JudgeOptions): Promise<Judgement> {
  checkConservation(tickets)
  const splits = numberSplits(tickets)
  const results = new RuleResults(options.rules, splits)
  const late = new LateErrors(`${options.context.scratch}/late-errors`)
  try {
    findAllDuplicates(splits, options, late)
    endDatasetRules(options, results)
    const sealing = new Sealing(splits, options, late, results)
    const rounds = countRounds(tickets, sealing.lateRejects)
    const rejected = rounds.reduce((sum, round) => sum + round.rejected, 0)
    const reason = refusal(options, results, rounds)
    const verdict = reason === undefined ? 'commit' : 'reject'
    const cutting = verdict === 'commit' ? sealing.cutParts() : tickets.filter(reachesSink).map((ticket) => ticket.part)
    const [letters, parts] = await both(sealing.letters(), Promise.resolve(cutting))
    options.context.emit({ type: 'RunJudged', verdict, rejected })
    const rules = results.list(options.onInvalid)
    return { verdict, reason, rules, rejects: rejectResults(tickets), rejected, parts, letters }
  } finally {
    late.close()
  }
}

/** Waits for both, whatever becomes of one: what is still at work would miss what is then tidied up. */
async function both<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return await Promise.all([a, b])
}

/** Ids count the records of all splits, in their order. */
function numberSplits(tickets: readonly SplitTicket[]): readonly NumberedSplit[] {
  let firstId = 0
  return tickets.map((ticket) => {
    const split = { ticket, firstId }
    firstId += ticket.end.records
    return split
  })
}

function findAllDuplicates(
  splits: readonly NumberedSplit[],
  { rules, pool, context }: JudgeOptions,
  late: LateErrors,
): void {
  const unique = rules.filter((rule) => rule.level === 'unique')
  for (const [index, rule] of unique.entries()) {
    const keys = splits.flatMap(({ ticket, firstId }) => {
      const keyTicket = ticket.verdict.keys[index]
      return keyTicket === undefined ? [] : [{ ticket: keyTicket, firstId }]
    })
    findDuplicates(keys, rules.indexOf(rule), pool, context.memoryBudget, late)
  }
}

function endDatasetRules({ rules, states, context }: JudgeOptions, results: RuleResults): void {
  const dataset = rules.filter((rule) => rule.level === 'dataset') as readonly DatasetRule[]
  dataset.forEach((rule, index) => {
    try {
      for (const message of messagesOf(rule.end(states[index] as never, context))) results.failDataset(rule, message)
    } catch (error) {
      throw new SluiceError('rule-failed', `The rule ${rule.id} threw: ${(error as Error).message}`, { cause: error })
    }
  })
}

/** What a dataset rule found wrong. Anything else than texts is no verdict, and must not pass for one. */
function messagesOf(found: unknown): readonly string[] {
  if (found === undefined || found === null) return []
  if (typeof found === 'string') return [found]
  if (Array.isArray(found) && found.every((message) => typeof message === 'string')) return found
  refusePromise(found)
  throw new TypeError(`\`end\` returned ${JSON.stringify(found) ?? typeof found}, not a message, messages or undefined`)
}

interface RoundCounts {
  readonly read: number
  readonly rejected: number
  readonly faulty: number
}

/** What each round read and rejected. Only of the last one the judge rejects rows. */
function countRounds(tickets: readonly SplitTicket[], late: number): readonly RoundCounts[] {
  return [...Map.groupBy(tickets, ({ feeds }) => feeds)].map(([feeds, round]) => {
    const total = (count: (ticket: SplitTicket) => number) => round.reduce((sum, ticket) => sum + count(ticket), 0)
    return {
      read: total(({ end }) => end.records - (end.filtered ?? 0)),
      rejected: total((ticket) => ticket.verdict.letters.letters) + (feeds === undefined ? late : 0),
      faulty: total((ticket) => ticket.verdict.faulty),
    }
  })
}

function reachesSink({ feeds }: SplitTicket): boolean {
  return feeds === undefined
}

/** Why the run must not commit, if anything. */
function refusal(
  { onInvalid, maxRejected }: JudgeOptions,
  results: RuleResults,
  rounds: readonly RoundCounts[],
): string | undefined {
  const failed = results.list(onInvalid).filter(({ status }) => status === 'failed')
  if (failed.length > 0) {
    const named = failed.slice(0, 5).map(({ id, failed: rows, message }) => message ?? `${id} (${rows} rows)`)
    const more = failed.length > 5 ? `, and ${failed.length - 5} more` : ''
    return `${failed.length} ${failed.length === 1 ? 'rule' : 'rules'} failed: ${named.join(', ')}${more}`
  }
  if (onInvalid === 'fail') {
    const round = rounds.find(({ faulty }) => faulty > 0)
    return round && `${round.faulty} of ${round.read} records are faulty or could not be transformed`
  }
  if (maxRejected === undefined) return undefined
  const round = budgets(rounds, maxRejected).find(({ read, rejected }) => exceeds(rejected, maxRejected, read))
  return round && `${round.rejected} of ${round.read} rows were rejected; at most ${maxRejected} may be`
}

/** A count holds for the run, a share for each round: of many rows a query makes few, and all of these may be bad. */
function budgets(rounds: readonly RoundCounts[], most: MaxRejected): readonly Omit<RoundCounts, 'faulty'>[] {
  if (typeof most === 'string') return rounds
  const sum = (field: 'read' | 'rejected') => rounds.reduce((total, round) => total + round[field], 0)
  return [{ read: sum('read'), rejected: sum('rejected') }]
}

function exceeds(rejected: number, most: MaxRejected, read: number): boolean {
  return typeof most === 'number' ? rejected > most : exceedsShare(rejected, most, read)
}
