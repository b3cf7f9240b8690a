import type { Kernels } from '../records/kernels/kernels.ts'
import { DICTIONARY } from '../records/kernels/page-kernels.ts'
import type { LinearMemory } from '../records/linear-memory.ts'

/** The distinct values of a column chunk in linear memory, PLAIN, as a dictionary page holds them. */
export class Dictionary {
  readonly #linear: LinearMemory
  readonly #kernels: Kernels
  /** Bytes of a value; 0 for those that begin with their length. */
  readonly #width: number
  readonly #state: number
  #entries = 0
  #table = 0
  #places = 0
  #content = 0

  constructor(linear: LinearMemory, kernels: Kernels, width: number) {
    this.#linear = linear
    this.#kernels = kernels
    this.#width = width
    this.#state = linear.reserve(64)
    this.#reserve(FIRST_ENTRIES)
  }

  get known(): number {
    return this.#word(DICTIONARY.known)
  }

  get address(): number {
    return this.#content
  }

  get byteLength(): number {
    return this.#word(DICTIONARY.end) - this.#content
  }

  /** Bytes there is room for. */
  get size(): number {
    return this.#entries * (SLOTS_PER_ENTRY * 4 + 4 + BYTES_PER_ENTRY)
  }

  /**
   * Writes the index of each value of a page, a word each. False when that would take more than `most` entries, or more
   * room than a dictionary may have: then none of these values is in it that was not before.
   */
  intern(values: number, count: number, indices: number, most: number): boolean {
    const before = this.known
    let at = values
    for (let done = 0; ; ) {
      this.#set(DICTIONARY.most, Math.min(most, this.#entries))
      done += this.#kernels.internValues(at, count - done, this.#width, this.#state, indices + 4 * done)
      if (done === count) return true
      at = this.#word(DICTIONARY.next)
      if (this.known < most && this.#grow()) continue
      this.#forget(before)
      return false
    }
  }

  /** Makes room for the values of another chunk. */
  clear(): void {
    this.#set(DICTIONARY.known, 0)
    this.#set(DICTIONARY.end, this.#content)
    this.#linear.bytes.fill(0, this.#table, this.#table + this.#entries * SLOTS_PER_ENTRY * 4)
  }

  free(): void {
    for (const address of [this.#state, ...this.#regions()]) this.#linear.release(address)
  }

  /** The new room gets the old values by interning them, which makes table and places as well. */
  #grow(): boolean {
    if (this.#entries >= MOST_ENTRIES) return false
    const [known, content, regions] = [this.known, this.#content, this.#regions()]
    this.#reserve(this.#entries * 2)
    const indices = this.#linear.reserve(known * 4)
    this.#kernels.internValues(content, known, this.#width, this.#state, indices)
    for (const address of [indices, ...regions]) this.#linear.release(address)
    return true
  }

  #forget(before: number): void {
    if (this.known === before) return
    this.#set(DICTIONARY.end, this.#linear.words[(this.#places >>> 2) + before] as number)
    this.#set(DICTIONARY.known, before)
  }

  #reserve(entries: number): void {
    this.#entries = entries
    this.#table = this.#linear.reserve(entries * SLOTS_PER_ENTRY * 4)
    this.#places = this.#linear.reserve(entries * 4)
    this.#content = this.#linear.reserve(entries * BYTES_PER_ENTRY)
    this.#set(DICTIONARY.most, entries)
    this.#set(DICTIONARY.limit, this.#content + entries * BYTES_PER_ENTRY)
    this.#set(DICTIONARY.table, this.#table)
    this.#set(DICTIONARY.mask, entries * SLOTS_PER_ENTRY - 1)
    this.#set(DICTIONARY.places, this.#places)
    this.clear()
  }

  #regions(): readonly number[] {
    return [this.#table, this.#places, this.#content]
  }

  #word(offset: number): number {
    return this.#linear.words[(this.#state >>> 2) + offset] as number
  }

  #set(offset: number, value: number): void {
    this.#linear.words[(this.#state >>> 2) + offset] = value
  }
}

const FIRST_ENTRIES = 1024
/** Then it has half a megabyte, and an index two bytes. */
export const MOST_ENTRIES = 32_768
const BYTES_PER_ENTRY = 16
/** So many that the steps of a search stay few. */
const SLOTS_PER_ENTRY = 4
