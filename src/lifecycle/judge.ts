import { SluiceError } from '../errors.ts'
import type { SealedPart } from '../sinks/sink.ts'
import { findDuplicates } from '../validation/duplicates.ts'
import { type LateError, LateErrors } from '../validation/late-errors.ts'
import { LetterFile } from '../validation/letter-file.ts'
import type { DatasetRule, Rule } from '../validation/rule.ts'
import { checkConservation } from './conservation.ts'
import type { MaxRejected } from './job.ts'
import { copyLetters, type LateRecord, mergeLetters, type NumberedSplit } from './late-letters.ts'
import { OrdinalFile } from './ordinal-file.ts'
import { type RuleResult, RuleResults } from './rule-results.ts'
import type { SplitTicket, StageOptions } from './stage.ts'

export interface JudgeOptions extends StageOptions {
  readonly onInvalid: 'fail' | 'quarantine'
  readonly maxRejected: MaxRejected | undefined
}

export interface Judgement {
  readonly verdict: 'commit' | 'reject'
  /** Why not, when the verdict is `reject`. */
  readonly reason: string | undefined
  readonly rules: readonly RuleResult[]
  /** Records rejected in all, by the judge as well. */
  readonly rejected: number
  /** The parts as they will be committed: without the rows that only the judge could reject. */
  readonly parts: readonly SealedPart[]
  readonly letters: { readonly path: string; readonly letters: number; readonly bytes: number; readonly sha256: string }
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
    await findAllDuplicates(splits, options, late)
    endDatasetRules(options, results)
    const sealing = new Sealing(splits, options, late, results)
    const letters = await sealing.run()
    const total = (count: (ticket: SplitTicket) => number) => tickets.reduce((sum, ticket) => sum + count(ticket), 0)
    const rejected = total((ticket) => ticket.verdict.letters.letters) + sealing.lateRejects
    const read = total((ticket) => ticket.end.records)
    const reason = refusal(options, results, { read, rejected, faulty: total((ticket) => ticket.verdict.faulty) })
    const verdict = reason === undefined ? 'commit' : 'reject'
    const parts = verdict === 'commit' ? await sealing.cutParts() : tickets.map((ticket) => ticket.part)
    options.context.emit({ type: 'RunJudged', verdict, rejected })
    return { verdict, reason, rules: results.list(options.onInvalid), rejected, parts, letters }
  } finally {
    await late.close()
  }
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

async function findAllDuplicates(
  splits: readonly NumberedSplit[],
  { rules, pool, context }: JudgeOptions,
  late: LateErrors,
): Promise<void> {
  const unique = rules.filter((rule) => rule.level === 'unique')
  for (const [index, rule] of unique.entries()) {
    const keys = splits.flatMap(({ ticket, firstId }) => {
      const keyTicket = ticket.verdict.keys[index]
      return keyTicket === undefined ? [] : [{ ticket: keyTicket, firstId }]
    })
    await findDuplicates(keys, rules.indexOf(rule), pool, context.memoryBudget, late)
  }
}

function endDatasetRules({ rules, states }: JudgeOptions, results: RuleResults): void {
  const dataset = rules.filter((rule) => rule.level === 'dataset') as readonly DatasetRule[]
  dataset.forEach((rule, index) => {
    try {
      const found = rule.end(states[index] as never)
      const messages = found === undefined ? [] : typeof found === 'string' ? [found] : found
      for (const message of messages) results.failDataset(rule, message)
    } catch (error) {
      throw new SluiceError('rule-failed', `The rule ${rule.id} threw: ${(error as Error).message}`, { cause: error })
    }
  })
}

/** Why the run must not commit, if anything. */
function refusal(
  { onInvalid, maxRejected }: JudgeOptions,
  results: RuleResults,
  { read, rejected, faulty }: { readonly read: number; readonly rejected: number; readonly faulty: number },
): string | undefined {
  const failed = results.list(onInvalid).filter(({ status }) => status === 'failed')
  if (failed.length > 0) {
    const named = failed.slice(0, 5).map(({ id, failed: rows, message }) => message ?? `${id} (${rows} rows)`)
    const more = failed.length > 5 ? `, and ${failed.length - 5} more` : ''
    return `${failed.length} ${failed.length === 1 ? 'rule' : 'rules'} failed: ${named.join(', ')}${more}`
  }
  if (onInvalid === 'fail') {
    return faulty > 0 ? `${faulty} of ${read} records are faulty or could not be transformed` : undefined
  }
  if (maxRejected === undefined) return undefined
  const most = typeof maxRejected === 'number' ? maxRejected : (Number.parseFloat(maxRejected) / 100) * read
  return rejected > most ? `${rejected} of ${read} rows were rejected; at most ${maxRejected} may be` : undefined
}

/** Writes the dead letters of all splits, and notes which rows must be taken out of which part. */
class Sealing {
  lateRejects = 0
  readonly #splits: readonly NumberedSplit[]
  readonly #options: JudgeOptions
  readonly #late: LateErrors
  readonly #results: RuleResults
  readonly #drops = new Map<SplitTicket, OrdinalFile>()

  constructor(splits: readonly NumberedSplit[], options: JudgeOptions, late: LateErrors, results: RuleResults) {
    this.#splits = splits
    this.#options = options
    this.#late = late
    this.#results = results
  }

  async run(): Promise<Judgement['letters']> {
    const out = new LetterFile(`${this.#options.context.scratch}/dead-letters.jsonl`)
    try {
      const late = new Grouped(this.#rejecting())
      for (const split of this.#splits) {
        if (await late.reaches(split.firstId + split.ticket.end.records)) await this.#merge(split, late, out)
        else await copyLetters(split, out)
      }
      return await out.seal({ durable: true })
    } finally {
      await out.close()
    }
  }

  /** Late errors that reject; those of mere warnings are counted only. */
  async *#rejecting(): AsyncGenerator<LateError, void, void> {
    for await (const error of this.#late.sorted()) {
      const rule = this.#options.rules[error.rule] as Rule
      if ((rule.options.severity ?? 'error') === 'error') yield error
      else this.#results.countLate(rule)
    }
  }

  async #merge(split: NumberedSplit, late: Grouped, out: LetterFile): Promise<void> {
    const { context, source, rules, pool, io } = this.#options
    const { ticket, firstId } = split
    const resources = { context, pool, io, keep: true }
    const drops = new OrdinalFile(`${context.scratch}/drops-${ticket.split.index}`)
    this.#drops.set(ticket, drops)
    const end = firstId + ticket.end.records
    await mergeLetters(split, late.upTo(firstId, end), out, {
      context,
      source,
      reread: (ordinals) => source.reread(ticket.split, ticket.end, ordinals, resources),
      describe: (error, values) => {
        const rule = rules[error.rule] as Rule
        const column = rule.columns.length === 1 ? rule.columns[0] : undefined
        const value = column === undefined ? undefined : values[column]
        const first = this.#place(error.firstId)
        const same = first.source === ticket.split.source
        const where = same ? `row ${first.row}` : `row ${first.row} of ${first.source}`
        return {
          code: 'duplicate-key',
          rule: rule.id,
          ...(column === undefined ? {} : { column }),
          ...(value === undefined || value === null ? {} : { value }),
          message: `The key ${rule.columns.join(', ')} stands already in ${where}.`,
          first_row: first.row,
          ...(same ? {} : { first_source: first.source }),
        }
      },
      onLate: (found, record, first) => {
        if (first) {
          this.lateRejects++
          drops.add(found.ordinal)
        }
        for (const error of found.errors) {
          this.#results.sampleLate(
            rules[error.rule] as Rule,
            ticket.split.source,
            found.ordinal,
            record,
            this.#place(error.firstId).row,
          )
        }
      },
    })
  }

  /** The source and 1-based data record of an id. */
  #place(id: number): { readonly source: string; readonly row: number } {
    let found = this.#splits[0] as NumberedSplit
    for (const split of this.#splits) {
      if (split.firstId > id) break
      found = split
    }
    return { source: found.ticket.split.source, row: id - found.firstId + 1 }
  }

  async cutParts(): Promise<readonly SealedPart[]> {
    const parts: SealedPart[] = []
    const { sink, context, pool, io } = this.#options
    for (const { ticket } of this.#splits) {
      const drops = this.#drops.get(ticket)
      if (drops === undefined || drops.size === 0) parts.push(ticket.part)
      else parts.push(await sink.cut(ticket.part, drops.read(), { context, pool, io, keepIndex: false }))
    }
    return parts
  }
}

/** Late errors by record, handed out split by split. */
class Grouped {
  readonly #errors: AsyncIterator<LateError>
  #next: LateError | undefined
  #started = false

  constructor(errors: AsyncIterable<LateError>) {
    this.#errors = errors[Symbol.asyncIterator]()
  }

  /** Whether there is an error of an id below `end`. */
  async reaches(end: number): Promise<boolean> {
    if (!this.#started) await this.#advance()
    return this.#next !== undefined && this.#next.id < end
  }

  /** The errors of one split by record, numbered within it. */
  async *upTo(firstId: number, end: number): AsyncGenerator<LateRecord, void, void> {
    while (await this.reaches(end)) {
      const { id } = this.#next as LateError
      const errors: LateError[] = []
      while (this.#next?.id === id) {
        errors.push(this.#next)
        await this.#advance()
      }
      yield { ordinal: id - firstId, errors }
    }
  }

  async #advance(): Promise<void> {
    this.#started = true
    const { done, value } = await this.#errors.next()
    this.#next = done ? undefined : value
  }
}
