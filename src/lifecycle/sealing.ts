import type { SealedPart } from '../sinks/sink.ts'
import { NumberFile, type NumberList } from '../storage/number-file.ts'
import type { LateError, LateErrors } from '../validation/late-errors.ts'
import { LetterFile, type SealedLetterFile } from '../validation/letter-file.ts'
import type { Rule } from '../validation/rule.ts'
import { checkCut } from './conservation.ts'
import {
  appendLetters,
  copyLetters,
  haveCommonRecord,
  type LateRecord,
  mergeLetters,
  type NumberedSplit,
} from './late-letters.ts'
import { duplicateMessage, type RowPlace, type RuleResults } from './rule-results.ts'
import type { SplitTicket, StageOptions } from './stage.ts'

/** Writes the dead letters of all splits, and notes which rows must be taken out of which part. */
export class Sealing {
  lateRejects = 0
  readonly #splits: readonly NumberedSplit[]
  readonly #options: StageOptions
  readonly #late: LateErrors
  readonly #results: RuleResults
  readonly #drops = new Map<SplitTicket, NumberList>()
  readonly #expands: boolean

  constructor(splits: readonly NumberedSplit[], options: StageOptions, late: LateErrors, results: RuleResults) {
    this.#splits = splits
    this.#options = options
    this.#late = late
    this.#results = results
    this.#expands = options.steps.some(({ effect }) => effect === 'expand')
  }

  async run(): Promise<SealedLetterFile> {
    const { context, pool, io } = this.#options
    const memory = { linear: pool.linear, io }
    const only = this.#extensible()
    const out =
      only === undefined
        ? new LetterFile(`${context.scratch}/dead-letters.jsonl`, memory)
        : await LetterFile.append(only.ticket.verdict.letters, memory)
    const write = only === undefined ? mergeLetters : appendLetters
    try {
      const late = new Grouped(this.#rejecting({ count: true }))
      for (const split of this.#splits) {
        if (late.reaches(endOf(split))) await this.#write(split, late, out, write)
        else if (only === undefined) await copyLetters(split, out)
      }
      // The decision makes it durable.
      return await out.seal({ durable: false })
    } finally {
      await out.close()
    }
  }

  /**
   * The only split, when its letters need nothing but others behind them: they may be many, and are then not copied.
   */
  #extensible(): NumberedSplit | undefined {
    const [only, ...others] = this.#splits
    if (only === undefined || others.length > 0) return undefined
    const late = new Grouped(this.#rejecting({ count: false })).upTo(only.firstId, endOf(only))
    return haveCommonRecord(only, late) ? undefined : only
  }

  /** Late errors that reject; those of mere warnings are only counted. */
  *#rejecting({ count }: { readonly count: boolean }): Generator<LateError, void, void> {
    for (const error of this.#late.sorted()) {
      const rule = this.#options.rules[error.rule] as Rule
      if ((rule.options.severity ?? 'error') === 'error') yield error
      else if (count) this.#results.countLate(rule)
    }
  }

  async #write(split: NumberedSplit, late: Grouped, out: LetterFile, write: typeof mergeLetters): Promise<void> {
    const { context, source, rules, pool, io } = this.#options
    const { ticket, firstId } = split
    const resources = { context, pool, io, keep: true }
    const drops = new NumberFile(`${context.scratch}/drops-${ticket.split.index}`)
    const found = late.upTo(firstId, endOf(split))
    try {
      await write(split, this.#expands ? noting(found, drops) : found, out, {
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
        onLate: (found, record, first) => {
          if (first) {
            this.lateRejects++
            if (!this.#expands) drops.add(found.ordinal)
          }
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
      this.#drops.set(ticket, drops.seal())
    } finally {
      drops.close()
    }
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

  async cutParts(): Promise<readonly SealedPart[]> {
    const parts: SealedPart[] = []
    const { sink, context, pool, io } = this.#options
    for (const { ticket } of this.#splits) {
      const drops = this.#drops.get(ticket)
      if (drops === undefined || drops.size === 0) {
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

/**
 * Notes every record to take out, in order. Of a record that was expanded, one row may have been rejected before and
 * another one be there still.
 */
function* noting(late: Iterable<LateRecord>, drops: NumberFile): Generator<LateRecord, void, void> {
  for (const found of late) {
    drops.add(found.ordinal)
    yield found
  }
}

function endOf({ firstId, ticket }: NumberedSplit): number {
  return firstId + ticket.end.records
}

/** Late errors by record, handed out split by split. */
class Grouped {
  readonly #errors: Iterator<LateError>
  #next: LateError | undefined

  constructor(errors: Iterable<LateError>) {
    this.#errors = errors[Symbol.iterator]()
    this.#advance()
  }

  /** Whether there is an error of an id below `end`. */
  reaches(end: number): boolean {
    return this.#next !== undefined && this.#next.id < end
  }

  /** The errors of one split by record, numbered within it. */
  *upTo(firstId: number, end: number): Generator<LateRecord, void, void> {
    while (this.reaches(end)) {
      const { id } = this.#next as LateError
      const errors: LateError[] = []
      while (this.#next?.id === id) {
        errors.push(this.#next)
        this.#advance()
      }
      yield { ordinal: id - firstId, errors }
    }
  }

  #advance(): void {
    const { done, value } = this.#errors.next()
    this.#next = done ? undefined : value
  }
}
