import { closeSync, openSync, readSync } from 'node:fs'
import type { RunContext } from '../context.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import { cellOf, type SourceRecord } from '../records/origins.ts'
import type { Source } from '../sources/source.ts'
import { type DeadLetter, type LetterError, Letters } from '../validation/dead-letter.ts'
import type { LateError } from '../validation/late-errors.ts'
import { type LetterFile, type LetterPlace, letterPlaces } from '../validation/letter-file.ts'
import { Handover } from './handover.ts'
import type { LateRecord, NumberedSplit } from './late-rejects.ts'
import type { SplitTicket } from './stage.ts'

export interface MergeOptions {
  readonly context: RunContext
  readonly source: Source
  readonly pool: BatchPool
  /** Reads records again, see `Source.reread`; the ordinals ascend. */
  readonly reread: (ordinals: Iterable<number>) => AsyncIterable<Iterable<SourceRecord>>
  readonly describe: (error: LateError, cell: (column: string) => string | null | undefined) => LetterError
  /** Called once for each record with late errors. */
  readonly onLate: (late: LateRecord, record: { readonly line: number; readonly values: DeadLetter['values'] }) => void
}

/**
 * Writes the dead letters of one split: those that were staged with it, with what the judge found about these rows
 * added, and new ones for rows that only the judge could reject, all in the order of the records.
 */
export async function mergeLetters(
  split: NumberedSplit,
  late: Iterable<LateRecord>,
  out: LetterFile,
  options: MergeOptions,
): Promise<void> {
  const staged = new StagedLetters(split.ticket)
  const writing = new LateLetters(split, options)
  try {
    const { ordered } = split.ticket.verdict.letters
    const unknown = ordered ? late : await amendInAnyOrder(staged, late, out, writing)
    for (const found of unknown) {
      await staged.copyBefore(found.ordinal, out)
      const known = staged.take(found.ordinal)
      if (known === undefined) await writing.write(found, out)
      else await writing.amend(known, found, out, { first: true })
    }
    await staged.copyBefore(Number.POSITIVE_INFINITY, out)
  } finally {
    await writing.close()
    staged.close()
  }
}

/**
 * For letters that a `through` stream put into another order: the late errors are held in memory while the letters
 * are copied. Returns those of rows that have no letter yet.
 */
async function amendInAnyOrder(
  staged: StagedLetters,
  late: Iterable<LateRecord>,
  out: LetterFile,
  writing: LateLetters,
): Promise<Iterable<LateRecord>> {
  const waiting = new Map<number, LateRecord>()
  for (const found of late) waiting.set(found.ordinal, found)
  const amended = new Set<number>()
  for (;;) {
    await staged.copyWhile((ordinal) => !waiting.has(ordinal), out)
    const found = staged.next === undefined ? undefined : waiting.get(staged.next)
    if (found === undefined) break
    const known = staged.take(found.ordinal) as DeadLetter
    // A record that was expanded may have several letters.
    await writing.amend(known, found, out, { first: !amended.has(found.ordinal) })
    amended.add(found.ordinal)
  }
  for (const ordinal of amended) waiting.delete(ordinal)
  return waiting.values()
}

/** Adds letters behind the staged ones of a split; none of the late records may have one already. */
export async function appendLetters(
  split: NumberedSplit,
  late: Iterable<LateRecord>,
  out: LetterFile,
  options: MergeOptions,
): Promise<void> {
  const writing = new LateLetters(split, options)
  try {
    for (const found of late) {
      const waiting = writing.write(found, out)
      if (waiting !== undefined) await waiting
    }
  } finally {
    await writing.close()
  }
}

/** Makes the letters of late records, reading them again in their order. */
class LateLetters {
  readonly #options: MergeOptions
  readonly #letters: Letters
  readonly #wanted = new Handover()
  readonly #reading: AsyncIterator<Iterable<SourceRecord>>
  /** Records that were read together. */
  #records: Iterator<SourceRecord> = [][Symbol.iterator]()

  constructor({ ticket }: NumberedSplit, options: MergeOptions) {
    this.#options = options
    this.#letters = new Letters(options.context, ticket.split.source, options.pool)
    this.#letters.setFormat(options.source.format, ticket.end.columns)
    this.#reading = options.reread(this.#wanted)[Symbol.asyncIterator]()
  }

  /** Returns a promise when the caller has to wait. */
  write(found: LateRecord, out: LetterFile): Promise<void> | undefined {
    this.#wanted.offer(found.ordinal)
    const { done, value } = this.#records.next()
    return done ? this.#writeFromNext(found, out) : this.#write(found, value, out)
  }

  async #writeFromNext(found: LateRecord, out: LetterFile): Promise<void> {
    const { done, value } = await this.#reading.next()
    if (done) throw new Error('the records that were read again are not all there')
    this.#records = value[Symbol.iterator]()
    await this.#write(found, this.#records.next().value as SourceRecord, out)
  }

  #write(found: LateRecord, record: SourceRecord, out: LetterFile): Promise<void> | undefined {
    this.#options.onLate(found, record)
    const errors = this.#describe(found, (column) => cellOf(record, column))
    return this.#letters.write(out, record, errors, 'judge')
  }

  /** Adds what was found to a letter; `first` unless it is another letter of the same record. */
  async amend(
    known: DeadLetter,
    found: LateRecord,
    out: LetterFile,
    { first }: { readonly first: boolean },
  ): Promise<void> {
    if (first) this.#options.onLate(found, known)
    const errors = [...known.errors, ...this.#describe(found, (column) => known.values[column])]
    await out.add(`${JSON.stringify({ ...known, errors })}\n`, found.ordinal)
  }

  async close(): Promise<void> {
    this.#wanted.end()
    this.#letters.close()
    await this.#reading.return?.()
  }

  #describe({ errors }: LateRecord, cell: (column: string) => string | null | undefined): readonly LetterError[] {
    return errors.map((error) => this.#options.describe(error, cell))
  }
}

/** Copies the letters of a split as they were staged. */
export async function copyLetters({ ticket }: NumberedSplit, out: LetterFile): Promise<void> {
  if (ticket.verdict.letters.letters === 0) return
  const staged = new StagedLetters(ticket)
  try {
    await staged.copyBefore(Number.POSITIVE_INFINITY, out)
  } finally {
    staged.close()
  }
}

/** The staged letters of a split, copied from the first to the last. */
class StagedLetters {
  /** Undefined without letters. */
  readonly #file: number | undefined
  readonly #places: Generator<LetterPlace, void, void>
  #next: LetterPlace | undefined
  /** The bytes before this are copied. */
  #copied = 0
  /** A stretch of the file in memory. */
  readonly #window: Buffer = Buffer.alloc(WINDOW)
  #windowStart = 0
  #windowEnd = 0

  constructor({ verdict }: SplitTicket) {
    const { path, letters, index } = verdict.letters
    if (letters > 0) this.#file = openSync(path, 'r')
    this.#places = letterPlaces(index)
    this.#advance()
  }

  /** Copies the letters of all records before this one. */
  copyBefore(ordinal: number, out: LetterFile): Promise<void> {
    return this.copyWhile((next) => next < ordinal, out)
  }

  /** Copies up to the first letter whose record is wanted no more. */
  async copyWhile(wanted: (ordinal: number) => boolean, out: LetterFile): Promise<void> {
    let end = this.#copied
    let letters = 0
    while (this.#next !== undefined && wanted(this.#next.ordinal)) {
      end = this.#next.end
      letters++
      this.#advance()
    }
    while (this.#copied < end) {
      const bytes = this.#read(this.#copied, end)
      this.#copied += bytes.length
      await out.addBytes(bytes, this.#copied === end ? letters : 0)
    }
  }

  /** The record of the letter that comes next. */
  get next(): number | undefined {
    return this.#next?.ordinal
  }

  /** The letter of this very record, if it has one; it is not copied. */
  take(ordinal: number): DeadLetter | undefined {
    if (this.#next?.ordinal !== ordinal) return undefined
    const { start, end } = this.#next
    const pieces: Buffer[] = []
    for (let at = start; at < end; ) {
      const bytes = Buffer.from(this.#read(at, end))
      pieces.push(bytes)
      at += bytes.length
    }
    this.#copied = end
    this.#advance()
    return JSON.parse(Buffer.concat(pieces).toString()) as DeadLetter
  }

  close(): void {
    this.#places.return()
    if (this.#file !== undefined) closeSync(this.#file)
  }

  /** As much of [from, to) as the window can hold. */
  #read(from: number, to: number): Buffer {
    if (from < this.#windowStart || from >= this.#windowEnd) {
      this.#windowStart = from
      this.#windowEnd = from + readSync(this.#file as number, this.#window, 0, WINDOW, from)
      if (this.#windowEnd === from) throw new Error('the staged dead letters are cut off')
    }
    return this.#window.subarray(from - this.#windowStart, Math.min(to, this.#windowEnd) - this.#windowStart)
  }

  #advance(): void {
    const { done, value } = this.#places.next()
    this.#next = done ? undefined : value
  }
}

const WINDOW = 256 * 1024
