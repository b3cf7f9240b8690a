import { NumberFile, type NumberList } from '../storage/number-file.ts'
import type { LateError } from '../validation/late-errors.ts'
import { letterPlaces } from '../validation/letter-file.ts'
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

/** What the judge rejects of a split, known before any letter of it is written. */
export interface LateRejects {
  /** Records with late errors. */
  readonly records: number
  /** Those of them that were good until now. */
  readonly fresh: number
  /** The records to take out of the part, ascending. */
  readonly drops: NumberList
}

/**
 * Counts the late records of a split, and lists in the file at `path` what must be taken out of its part. Of a record
 * that was expanded, one row may have been rejected before and another one be there still: all are listed.
 */
export function findLateRejects(
  { ticket }: NumberedSplit,
  late: Iterable<LateRecord>,
  { path, expands }: { readonly path: string; readonly expands: boolean },
): LateRejects {
  const drops = new NumberFile(path)
  let records = 0
  let fresh = 0
  try {
    for (const { ordinal, isFresh } of withFreshness(ticket, late)) {
      records++
      if (isFresh) fresh++
      if (isFresh || expands) drops.add(ordinal)
    }
    return { records, fresh, drops: drops.seal() }
  } finally {
    drops.close()
  }
}

interface Freshness {
  readonly ordinal: number
  readonly isFresh: boolean
}

/** Tells which records have no staged letter. Reads no letters, only where they are. */
function withFreshness({ verdict }: SplitTicket, late: Iterable<LateRecord>): Iterable<Freshness> {
  const { index, ordered } = verdict.letters
  return ordered ? inOrder(letterPlaces(index), late) : inAnyOrder(letterPlaces(index), late)
}

function* inOrder(places: ReturnType<typeof letterPlaces>, late: Iterable<LateRecord>): Generator<Freshness> {
  try {
    let place = places.next()
    for (const { ordinal } of late) {
      while (!place.done && place.value.ordinal < ordinal) place = places.next()
      yield { ordinal, isFresh: place.done === true || place.value.ordinal !== ordinal }
    }
  } finally {
    places.return()
  }
}

/** For letters that a `through` stream put into another order: the late records are held in memory. */
function* inAnyOrder(places: ReturnType<typeof letterPlaces>, late: Iterable<LateRecord>): Generator<Freshness> {
  const fresh = new Map(Array.from(late, ({ ordinal }) => [ordinal, true]))
  for (const { ordinal } of places) if (fresh.has(ordinal)) fresh.set(ordinal, false)
  for (const [ordinal, isFresh] of fresh) yield { ordinal, isFresh }
}

/** Late errors by record, handed out split by split. */
export class LateRecords {
  readonly #errors: Iterator<LateError>
  #next: LateError | undefined

  constructor(errors: Iterable<LateError>) {
    this.#errors = errors[Symbol.iterator]()
    this.#advance()
  }

  /** Those of a split, numbered within it. */
  *of({ firstId, ticket }: NumberedSplit): Generator<LateRecord, void, void> {
    const end = firstId + ticket.end.records
    while (this.#next !== undefined && this.#next.id < end) {
      const { id } = this.#next
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
