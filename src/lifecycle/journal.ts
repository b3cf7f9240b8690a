import {
  closeSync,
  existsSync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
} from 'node:fs'
import { dirname } from 'node:path'
import { syncDirectory, writeFully } from '../storage/durable.ts'
import { writeError } from '../storage/write-error.ts'
import { decodeLines, encodeLine } from './journal-line.ts'
import type { JournalRecord } from './journal-record.ts'

/** Enough for what a run writes after `decided`, with the longest of paths. */
const TAIL_RESERVE = 32 * 1024
const FIRST_RESERVE = 2 * TAIL_RESERVE

/**
 * The journal of one run: append-only JSON lines, written into space that was reserved before, so that a full
 * disk is found out while the run can still be undone. Only the holder of the run's lease may open it.
 *
 * On file systems that never overwrite in place (btrfs, ZFS) the reserve is a good sign and no guarantee.
 */
export class Journal {
  readonly path: string
  readonly #records: JournalRecord[]
  readonly #fd: number
  #end: number
  #size: number

  private constructor(path: string, fd: number, content: { records: JournalRecord[]; end: number; size: number }) {
    this.path = path
    this.#fd = fd
    this.#records = content.records
    this.#end = content.end
    this.#size = content.size
  }

  /** Creates the journal with its reserve, or opens the one that is there. Throws `disk-full`, `journal-damaged`. */
  static open(path: string): Journal {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      const bytes = existsSync(path) ? readFileSync(path) : Buffer.alloc(0)
      const { records, end } = decodeLines(bytes, path)
      const fd = openSync(path, bytes.length === 0 ? 'w' : 'r+', 0o600)
      const journal = new Journal(path, fd, { records, end, size: end })
      journal.#settleTail(bytes.length)
      return journal
    } catch (error) {
      throw writeError(error, path)
    }
  }

  get records(): readonly JournalRecord[] {
    return this.#records
  }

  /**
   * Appends a record. With `durable` it is on the medium when this returns. When it throws, nobody knows
   * whether the record is there: only another reading of the journal tells.
   */
  append(record: JournalRecord, { durable }: { durable: boolean }): void {
    const line = encodeLine(record, this.#records.length)
    writeFully(this.#fd, line, this.#end)
    if (durable) fdatasyncSync(this.#fd)
    this.#end += line.length
    this.#size = Math.max(this.#size, this.#end)
    this.#records.push(record)
  }

  /** Makes sure that `record`, and what follows a decision, will find space. Throws `disk-full`. */
  reserveFor(record: JournalRecord): void {
    this.#reserve(encodeLine(record, this.#records.length).length + TAIL_RESERVE)
  }

  /** Gives the reserve back: nothing more will be written. */
  trim(): void {
    ftruncateSync(this.#fd, this.#end)
    this.#size = this.#end
  }

  close(): void {
    closeSync(this.#fd)
  }

  /** A torn line must not stand behind the next record. What recovery acts upon must be on the medium first. */
  #settleTail(size: number): void {
    if (size > this.#end) writeFully(this.#fd, blank(size - this.#end), this.#end)
    this.#size = Math.max(size, this.#end)
    if (size === 0) this.#reserve(FIRST_RESERVE)
    fsyncSync(this.#fd)
    syncDirectory(dirname(this.path))
    syncDirectory(dirname(dirname(this.path)))
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#size) return
    // In large steps, for every step is flushed.
    const missing = Math.max(this.#end + bytes - this.#size, FIRST_RESERVE)
    try {
      writeFully(this.#fd, blank(missing), this.#size)
      fsyncSync(this.#fd)
    } catch (error) {
      throw writeError(error, this.path)
    }
    this.#size += missing
  }
}

/** The records of a run that somebody else may be writing. */
export function readJournal(path: string): readonly JournalRecord[] {
  return existsSync(path) ? decodeLines(readFileSync(path), path).records : []
}

/** They allocate, and a reader skips them at once, for no line ends in them. */
function blank(length: number): Buffer {
  return Buffer.alloc(length, ' ')
}
