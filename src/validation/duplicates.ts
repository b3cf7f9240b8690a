import { closeSync, openSync, readSync } from 'node:fs'
import type { BatchPool } from '../records/batch-pool.ts'
import { COUNTS_BYTES, ENTRY_BYTES, type KeyTicket, PARTITIONS } from './key-file.ts'
import type { LateErrors } from './late-errors.ts'

/** The keys of one rule in one split; `firstId` is added to the ids, so that they count over all splits. */
export interface SplitKeys {
  readonly ticket: KeyTicket
  readonly firstId: number
}

/**
 * Finds every row whose key another row holds, exactly and in fixed memory: one partition after the other, each with
 * a hash table of its own that stays in the cache. Among the rows that pass all row rules the one with the smallest
 * id holds the key; all others with that key are duplicates of it, rejected rows as well. Returns how many.
 */
export function findDuplicates(
  splits: readonly SplitKeys[],
  rule: number,
  pool: BatchPool,
  memory: number,
  errors: LateErrors,
): number {
  const search = new Search(splits, rule, pool, memory, errors)
  try {
    for (let partition = 0; partition < PARTITIONS; partition++) search.partition(partition)
  } finally {
    search.close()
  }
  return search.found
}

/** A stretch of entries of one partition in one split's file. */
interface Chunk {
  readonly split: SplitKeys
  readonly offset: number
  readonly count: number
}

class Search {
  found = 0
  readonly #splits: readonly SplitKeys[]
  readonly #rule: number
  readonly #pool: BatchPool
  readonly #errors: LateErrors
  readonly #files = new Map<string, number>()
  readonly #region: Region
  readonly #limit: number
  readonly #counts = new Uint32Array(PARTITIONS)

  constructor(splits: readonly SplitKeys[], rule: number, pool: BatchPool, memory: number, errors: LateErrors) {
    this.#splits = splits
    this.#rule = rule
    this.#pool = pool
    this.#errors = errors
    this.#limit = Math.max(MIN_DISTINCT, Math.floor(memory / BYTES_PER_DISTINCT))
    this.#region = new Region(pool, this.#limit)
  }

  close(): void {
    this.#region.close()
    for (const file of this.#files.values()) closeSync(file)
  }

  partition(partition: number): void {
    const chunks = this.#chunks(partition)
    const entries = chunks.reduce((sum, chunk) => sum + chunk.count, 0)
    if (entries < 2) return
    // A partition with more keys than fit is searched in several turns, each for the keys of one residue: every turn
    // reads the chunks again, but memory stays what it is.
    let turns = 1
    while (entries / turns > this.#limit) turns *= 2
    for (let turn = 0; turn < turns; turn++) this.#search(chunks, entries, turns, turn)
  }

  #search(chunks: readonly Chunk[], entries: number, turns: number, turn: number): void {
    const region = this.#region
    region.clear(Math.ceil((entries / turns) * 1.2) + 64)
    this.#pass(chunks, 0, turns, turn)
    if (chunks.some((chunk) => chunk.split.ticket.rejected)) this.#pass(chunks, 1, turns, turn)
    this.found += region.drain(this.#rule, this.#errors)
  }

  #pass(chunks: readonly Chunk[], pass: number, turns: number, turn: number): void {
    const region = this.#region
    for (const chunk of chunks) {
      for (let done = 0; done < chunk.count; done += CHUNK_ENTRIES) {
        const count = Math.min(CHUNK_ENTRIES, chunk.count - done)
        this.#read(chunk, done, count)
        const kept = turns === 1 ? count : region.keepTurn(count, turns, turn)
        if (region.isFull(kept)) this.found += region.drain(this.#rule, this.#errors)
        region.find(kept, chunk.split.firstId, pass)
      }
    }
  }

  /** Synchronous: thousands of small reads, mostly of what was just written. */
  #read(chunk: Chunk, done: number, count: number): void {
    const { path } = chunk.split.ticket
    const position = chunk.offset + done * ENTRY_BYTES
    const length = count * ENTRY_BYTES
    const read = readSync(this.#file(path), this.#pool.linear.bytes, this.#region.entries, length, position)
    if (read !== length) throw cutOff(path)
  }

  #file(path: string): number {
    const file = this.#files.get(path) ?? openSync(path, 'r')
    this.#files.set(path, file)
    return file
  }

  /** The counts are read anew for every partition: with thousands of splits they would take more memory than the keys. */
  #chunks(partition: number): readonly Chunk[] {
    const chunks: Chunk[] = []
    const counts = this.#counts
    for (const split of this.#splits) {
      const { path, dumps } = split.ticket
      for (const dump of dumps) {
        if (readSync(this.#file(path), counts, 0, COUNTS_BYTES, dump) !== COUNTS_BYTES) throw cutOff(path)
        let before = 0
        for (let p = 0; p < partition; p++) before += counts[p] as number
        const count = counts[partition] as number
        if (count > 0) chunks.push({ split, offset: dump + COUNTS_BYTES + before * ENTRY_BYTES, count })
      }
    }
    return chunks
  }
}

function cutOff(path: string): Error {
  return new Error(`the key file ${path} is cut off`)
}

/** The memory of one search: some entries, the distinct ones, the table over them, and the duplicates found. */
class Region {
  readonly entries: number
  readonly #pool: BatchPool
  readonly #distinct: number
  readonly #distinctCount: number
  readonly #table: number
  readonly #found: number
  readonly #slots: number
  #mask = 0
  #duplicates = 0

  constructor(pool: BatchPool, limit: number) {
    const { linear } = pool
    this.#pool = pool
    this.#slots = 2 ** Math.ceil(Math.log2(limit * 3))
    this.entries = linear.reserve(CHUNK_ENTRIES * ENTRY_BYTES)
    this.#distinct = linear.reserve((limit * 2 + 64) * ENTRY_BYTES)
    this.#distinctCount = linear.reserve(4)
    this.#table = linear.reserve(this.#slots * 4)
    this.#found = linear.reserve(MAX_FOUND * FOUND_BYTES)
  }

  close(): void {
    const { linear } = this.#pool
    for (const address of [this.entries, this.#distinct, this.#distinctCount, this.#table, this.#found]) {
      linear.release(address)
    }
  }

  clear(distinct: number): void {
    const slots = Math.min(this.#slots, 2 ** Math.ceil(Math.log2(distinct * 2)))
    const { words } = this.#pool.linear
    words.fill(0, this.#table >>> 2, (this.#table >>> 2) + slots)
    words[this.#distinctCount >>> 2] = 0
    this.#mask = slots - 1
  }

  isFull(more: number): boolean {
    return this.#duplicates + more > MAX_FOUND
  }

  find(count: number, firstId: number, pass: number): void {
    this.#duplicates += this.#pool.kernels.findDuplicates(
      this.entries,
      count,
      firstId,
      pass,
      this.#table,
      this.#mask,
      this.#distinct,
      this.#distinctCount,
      this.#found + this.#duplicates * FOUND_BYTES,
    )
  }

  /** Packs the entries whose hash belongs to the turn. The bits are others than those of partition and slot. */
  keepTurn(count: number, turns: number, turn: number): number {
    const { words } = this.#pool.linear
    const width = ENTRY_BYTES / 4
    let kept = this.entries >>> 2
    for (let at = kept, end = kept + count * width; at < end; at += width) {
      if (((words[at + 2] as number) & (turns - 1)) !== turn) continue
      if (kept !== at) words.copyWithin(kept, at, at + width)
      kept += width
    }
    return (kept - (this.entries >>> 2)) / width
  }

  /** Hands over what was found. Holders are named as they are known now; see `LateErrors`. */
  drain(rule: number, errors: LateErrors): number {
    const { words } = this.#pool.linear
    const count = this.#duplicates
    for (let i = 0, at = this.#found >>> 2; i < count; i++, at += FOUND_BYTES / 4) {
      const holder = (this.#distinct >>> 2) + (words[at + 2] as number) * (ENTRY_BYTES / 4) + 4
      const id = number64(words, at)
      errors.add(id, number64(words, holder), rule)
    }
    this.#duplicates = 0
    return count
  }
}

function number64(words: Uint32Array, at: number): number {
  return (words[at] as number) + (words[at + 1] as number) * 2 ** 32
}

const CHUNK_ENTRIES = 8192
const FOUND_BYTES = 16
const MAX_FOUND = 65_536
const MIN_DISTINCT = 4096
/** Twice an entry (a turn may get more than its share), its slots, and some room. */
const BYTES_PER_DISTINCT = ENTRY_BYTES * 2 + 4 * 6
