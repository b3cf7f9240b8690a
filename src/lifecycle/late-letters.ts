import { open } from 'node:fs/promises'
import type { RunContext } from '../context.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { Source } from '../sources/source.ts'
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
  const staged = new StagedLetters(ticket.verdict.letters.path)
  try {
    for await (const found of late) {
      await staged.copyBefore(found.ordinal, out)
      const describe = (values: DeadLetter['values']) => found.errors.map((error) => options.describe(error, values))
      const known = staged.take(found.ordinal)
      if (known !== undefined) {
        options.onLate(found, known, false)
        await out.add(`${JSON.stringify({ ...known, errors: [...known.errors, ...describe(known.values)] })}\n`)
        continue
      }
      wanted.offer(found.ordinal)
      const { value: record } = await records.next()
      options.onLate(found, record, true)
      await out.add(letters.line(record, describe(record.values), 'judge'))
    }
    await staged.copyRest(out)
  } finally {
    wanted.end()
    await records.return?.()
    await staged.close()
  }
}

/** Copies the letters of a split as they were staged. */
export async function copyLetters({ ticket }: NumberedSplit, out: LetterFile): Promise<void> {
  const { path, letters } = ticket.verdict.letters
  if (letters === 0) return
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const piece = Buffer.alloc(Math.min(size, 1 << 20))
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(piece, 0, piece.length, at)
      await out.addBytes(Buffer.from(piece.subarray(0, bytesRead)), 0)
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
    this.#lines = linesOf(path)
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
    this.#current = done ? undefined : { line: value as string, ordinal: rowOf(value as string) - 1 }
  }
}

/** The lines of a file that ends with a line end. `readline` would also cut at U+2028, which JSON leaves as it is. */
async function* linesOf(path: string): AsyncGenerator<string, void, void> {
  const file = await open(path, 'r')
  try {
    const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
    const piece = Buffer.alloc(64 * 1024)
    let rest = ''
    for (;;) {
      const { bytesRead } = await file.read(piece)
      if (bytesRead === 0) return
      const lines = (rest + decoder.decode(piece.subarray(0, bytesRead), { stream: true })).split('\n')
      rest = lines.pop() as string
      yield* lines
    }
  } finally {
    await file.close()
  }
}

const ROW = /,"row":(\d+),"line":/

/** Letters are written by `Letters`, with the row right behind the source. */
function rowOf(line: string): number {
  return Number(ROW.exec(line)?.[1])
}
