import { open } from 'node:fs/promises'
import type { RunContext } from '../context.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { Source } from '../sources/source.ts'
import { readLines } from '../storage/lines.ts'
import { type DeadLetter, type LetterError, Letters } from '../validation/dead-letter.ts'
import type { LateError } from '../validation/late-errors.ts'
import type { LetterFile } from '../validation/letter-file.ts'
import type { SplitTicket } from './stage.ts'

/** A split and the ids of its records: ids count over all splits, from 0. */
export interface NumberedSplit {
  readonly ticket: SplitTicket
  readonly firstId: number
}

/** All late errors of one record. */
export interface LateRecord {
  readonly ordinal: number
  readonly errors: readonly LateError[]
}

export interface MergeOptions {
  readonly context: RunContext
  readonly source: Source
  /** Reads records again; the ordinals ascend. */
  readonly reread: (ordinals: AsyncIterable<number>) => AsyncIterable<SourceRecord>
  readonly describe: (error: LateError, values: DeadLetter['values']) => LetterError
  /** Called for each record that was good until now, and for each that was rejected already. */
  readonly onLate: (
    late: LateRecord,
    record: { readonly line: number; readonly values: DeadLetter['values'] },
    first: boolean,
  ) => void
}

/**
 * Writes the dead letters of one split: those that were staged with it, with what the judge found about these rows
 * added, and new ones for rows that only the judge could reject, all in the order of the records.
 */
export async function mergeLetters(
  split: NumberedSplit,
  late: AsyncIterable<LateRecord>,
  out: LetterFile,
  options: MergeOptions,
): Promise<void> {
  const { ticket } = split
  const letters = new Letters(options.context, ticket.split.source)
  letters.setFormat({ ...options.source.format, columns: ticket.end.columns })
  const wanted = new Handover()
  const records = options.reread(wanted)[Symbol.asyncIterator]()
  const { path, ordered } = ticket.verdict.letters
  const staged = ordered ? new StagedLetters(path) : undefined
  try {
    const unknown = staged === undefined ? await amendInAnyOrder(path, late, out, options) : late
    for await (const found of unknown) {
      await staged?.copyBefore(found.ordinal, out)
      const known = staged?.take(found.ordinal)
      if (known !== undefined) {
        await amend(known, found, out, options)
        options.onLate(found, known, false)
        continue
      }
      wanted.offer(found.ordinal)
      const { value: record } = await records.next()
      options.onLate(found, record, true)
      await out.add(letters.line(record, describeAll(found, record.values, options), 'judge'))
    }
    await staged?.copyRest(out)
  } finally {
    wanted.end()
    await records.return?.()
    await staged?.close()
  }
}

/**
 * For letters that a `through` stream put into another order: the late errors are held in memory while the letters
 * are copied. Returns those of rows that have no letter yet.
 */
async function amendInAnyOrder(
  path: string,
  late: AsyncIterable<LateRecord>,
  out: LetterFile,
  options: MergeOptions,
): Promise<Iterable<LateRecord>> {
  const waiting = new Map<number, LateRecord>()
  for await (const found of late) waiting.set(found.ordinal, found)
  const amended = new Set<number>()
  for await (const line of readLines(path)) {
    const found = waiting.get(rowOf(line) - 1)
    if (found === undefined) {
      await out.add(`${line}\n`)
      continue
    }
    const known = JSON.parse(line) as DeadLetter
    await amend(known, found, out, options)
    // A record that was expanded may have several letters.
    if (!amended.has(found.ordinal)) options.onLate(found, known, false)
    amended.add(found.ordinal)
  }
  for (const ordinal of amended) waiting.delete(ordinal)
  return waiting.values()
}

async function amend(known: DeadLetter, found: LateRecord, out: LetterFile, options: MergeOptions): Promise<void> {
  const errors = [...known.errors, ...describeAll(found, known.values, options)]
  await out.add(`${JSON.stringify({ ...known, errors })}\n`)
}

function describeAll(found: LateRecord, values: DeadLetter['values'], { describe }: MergeOptions): LetterError[] {
  return found.errors.map((error) => describe(error, values))
}

/** Copies letters as they are. */
export async function copyLines(
  { path, letters }: { readonly path: string; readonly letters: number },
  out: LetterFile,
): Promise<void> {
  if (letters === 0) return
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const piece = Buffer.alloc(Math.min(size, 1 << 20))
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, at)
      await out.addBytes(piece.subarray(0, bytesRead), 0)
      at += bytesRead
    }
  } finally {
    await file.close()
  }
  out.letters += letters
}

/** Gives one number at a time to whoever iterates; the offer comes before the question. */
class Handover implements AsyncIterable<number> {
  #next: number | undefined

  offer(value: number): void {
    this.#next = value
  }

  end(): void {
    this.#next = undefined
  }

  [Symbol.asyncIterator](): AsyncIterator<number> {
    return {
      next: async () => {
        const value = this.#next
        this.#next = undefined
        return value === undefined ? { done: true, value } : { done: false, value }
      },
    }
  }
}

/** The staged letters of a split, read once from the first to the last. */
class StagedLetters {
  readonly #lines: AsyncGenerator<string, void, void>
  #current: { readonly line: string; readonly ordinal: number } | undefined
  #started = false
  #taken = false

  constructor(path: string) {
    this.#lines = readLines(path)
  }

  async copyBefore(ordinal: number, out: LetterFile): Promise<void> {
    if (!this.#started) await this.#advance()
    while (this.#current !== undefined && this.#current.ordinal < ordinal) {
      if (!this.#taken) await out.add(`${this.#current.line}\n`)
      await this.#advance()
    }
  }

  take(ordinal: number): DeadLetter | undefined {
    if (this.#current?.ordinal !== ordinal) return undefined
    this.#taken = true
    return JSON.parse(this.#current.line) as DeadLetter
  }

  async copyRest(out: LetterFile): Promise<void> {
    await this.copyBefore(Number.POSITIVE_INFINITY, out)
  }

  async close(): Promise<void> {
    await this.#lines.return()
  }

  async #advance(): Promise<void> {
    this.#started = true
    this.#taken = false
    const { done, value } = await this.#lines.next()
    this.#current = done ? undefined : { line: value, ordinal: rowOf(value) - 1 }
  }
}

const ROW = /,"row":(\d+),"line":/

/** Letters are written by `Letters`, with the row right behind the source. */
function rowOf(line: string): number {
  return Number(ROW.exec(line)?.[1])
}
