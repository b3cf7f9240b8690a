import type { SealedPart, Sink } from '../sinks/sink.ts'
import type { LateError, LateErrors } from '../validation/late-errors.ts'
import { LetterFile, type SealedLetterFile } from '../validation/letter-file.ts'
import type { Rule } from '../validation/rule.ts'
import { checkCut, checkLetters } from './conservation.ts'
import { appendLetters, copyLetters, mergeLetters } from './late-letters.ts'
import { findLateRejects, LateRecords, type LateRejects, type NumberedSplit } from './late-rejects.ts'
import { duplicateMessage, type RowPlace, type RuleResults } from './rule-results.ts'
import type { StageOptions } from './stage.ts'

export interface SealingOptions extends StageOptions {
  readonly sink: Sink
}

/**
 * Writes the dead letters of all splits and takes the rows that only the judge could reject out of their parts: two works
 * that do not wait for one another, once it is known which rows those are.
 */
export class Sealing {
  readonly #splits: readonly NumberedSplit[]
  readonly #options: SealingOptions
  readonly #late: LateErrors
  readonly #results: RuleResults
  readonly #rejects: readonly LateRejects[]
  readonly #expands: boolean

  /** Finds the late rejects, and counts late errors in the results. */
  constructor(splits: readonly NumberedSplit[], options: SealingOptions, late: LateErrors, results: RuleResults) {
    this.#splits = splits
    this.#options = options
    this.#late = late
    this.#results = results
    this.#expands = options.steps.some(({ effect }) => effect === 'expand')
    const records = new LateRecords(this.#rejecting({ count: true }))
    this.#rejects = splits.map((split) => {
      const path = `${options.context.scratch}/drops-${split.ticket.split.index}`
      return findLateRejects(split, records.of(split), { path, expands: this.#expands })
    })
  }

  /** Records that were good until now. */
  get lateRejects(): number {
    return this.#rejects.reduce((sum, { fresh }) => sum + fresh, 0)
  }

  async letters(): Promise<SealedLetterFile> {
    const { context, pool, io } = this.#options
    const memory = { linear: pool.linear, io }
    const only = this.#extensible()
    const out =
      only === undefined
        ? new LetterFile(`${context.scratch}/dead-letters.jsonl`, memory)
        : await LetterFile.append(only.ticket.verdict.letters, memory)
    const write = only === undefined ? mergeLetters : appendLetters
    try {
      const late = new LateRecords(this.#rejecting({ count: false }))
      for (const [index, split] of this.#splits.entries()) {
        if ((this.#rejects[index] as LateRejects).records > 0) await this.#write(split, late, out, write)
        else if (only === undefined) await copyLetters(split, out)
      }
      if (!this.#expands) checkLetters(this.#rejected(), out.letters, this.#splits[0]?.ticket.split.source ?? '')
      // The decision makes it durable.
      return await out.seal({ durable: false })
    } finally {
      await out.close()
    }
  }

  #rejected(): number {
    return this.#splits.reduce((sum, { ticket }) => sum + ticket.verdict.letters.letters, this.lateRejects)
  }

  /**
   * The only split, when its letters need nothing but others behind them: they may be many, and are then not copied.
   */
  #extensible(): NumberedSplit | undefined {
    const [only, ...others] = this.#splits
    const [found] = this.#rejects
    return others.length === 0 && found?.fresh === found?.records ? only : undefined
  }

  /** Late errors that reject; those of mere warnings are only counted. */
  *#rejecting({ count }: { readonly count: boolean }): Generator<LateError, void, void> {
    for (const error of this.#late.sorted()) {
      const rule = this.#options.rules[error.rule] as Rule
      if (count) this.#results.countLate(rule)
      if ((rule.options.severity ?? 'error') === 'error') yield error
    }
  }

  async #write(split: NumberedSplit, late: LateRecords, out: LetterFile, write: typeof mergeLetters): Promise<void> {
    const { context, source, rules, pool, io } = this.#options
    const { ticket } = split
    const resources = { context, pool, io, keep: true }
    await write(split, late.of(split), out, {
      context,
      source,
      pool,
      reread: (ordinals) => source.reread(ticket.split, ticket.end, ordinals, resources),
      describe: (error, cell) => {
        const rule = rules[error.rule] as Rule
        const column = rule.columns.length === 1 ? rule.columns[0] : undefined
        const value = column === undefined ? undefined : cell(column)
        const first = this.#place(error.firstId)
        const own = ticket.split.source
        return {
          code: 'duplicate-key',
          rule: rule.id,
          ...(column === undefined ? {} : { column }),
          ...(value === undefined || value === null ? {} : { value }),
          message: duplicateMessage(rule, first, own),
          first_row: first.row,
          ...(first.source === own ? {} : { first_source: first.source }),
        }
      },
      onLate: (found, record) => {
        for (const error of found.errors) {
          this.#results.sampleLate(
            rules[error.rule] as Rule,
            ticket.split.source,
            found.ordinal,
            record,
            this.#place(error.firstId),
          )
        }
      },
    })
  }

  /** The source and 1-based data record of an id. */
  #place(id: number): RowPlace {
    let found = this.#splits[0] as NumberedSplit
    for (const split of this.#splits) {
      if (split.firstId > id) break
      found = split
    }
    return { source: found.ticket.split.source, row: id - found.firstId + 1 }
  }

  /** Of the splits that the sink has staged. */
  async cutParts(): Promise<readonly SealedPart[]> {
    const parts: SealedPart[] = []
    const { sink, context, pool, io } = this.#options
    for (const [index, { ticket }] of this.#splits.entries()) {
      if (ticket.feeds !== undefined) continue
      const { drops } = this.#rejects[index] as LateRejects
      if (drops.size === 0) {
        parts.push(ticket.part)
        continue
      }
      const part = await sink.cut(ticket.part, drops, { context, pool, io, keepIndex: false })
      if (!this.#expands) checkCut(ticket, part, drops.size)
      parts.push(part)
    }
    return parts
  }
}
