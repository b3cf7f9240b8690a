import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import { writeError } from '../storage/write-error.ts'

/** The bytes of one key entry: 128 bits of hash, then id << 1 | holds. */
export const ENTRY_BYTES = 24
/** Keys are spread over so many partitions by the upper bits of their hash. */
export const PARTITION_BITS = 8
export const PARTITIONS: number = 1 << PARTITION_BITS
/** A dump begins with how many entries each partition has, a word each. */
export const COUNTS_BYTES: number = PARTITIONS * 4

/** Where the keys of one rule in one split lie: plain JSON. */
export interface KeyTicket {
  readonly path: string
  readonly entries: number
  /** Some entries are of rows that hold no key, for they are rejected. */
  readonly rejected: boolean
  /** Where in the file each dump of the buffers begins: counts, then the entries of each partition. */
  readonly dumps: readonly number[]
}

/**
 * Appends dumps of partition buffers to a file, which the splits of a run share one after the other: there may be more
 * splits than files that a process may have open. The next dump waits for the last write.
 */
export class KeyFile {
  readonly #path: string
  readonly #linear: LinearMemory
  readonly #io: ByteIo
  readonly #dumps: number[] = []
  /** Where a dump is packed; 0 when it has been given back. */
  #out: number
  #file: FileHandle | undefined
  #size = 0
  #entries = 0
  #writing: Promise<void> = Promise.resolve()

  /** `outBytes` is the size of the largest dump. */
  constructor(path: string, linear: LinearMemory, io: ByteIo, outBytes: number) {
    this.#path = path
    this.#linear = linear
    this.#io = io
    this.#out = linear.reserve(COUNTS_BYTES + outBytes)
  }

  /** Writes all partitions, packed, and empties them. Returns when the buffers are free again. */
  async dump(counts: number, buffers: number, capacity: number): Promise<void> {
    await this.#writing
    const { bytes, words } = this.#linear
    const numbers = words.slice(counts >>> 2, (counts >>> 2) + PARTITIONS)
    words.copyWithin(this.#out >>> 2, counts >>> 2, (counts >>> 2) + PARTITIONS)
    const start = this.#out + COUNTS_BYTES
    let end = start
    numbers.forEach((count, partition) => {
      const from = buffers + partition * capacity * ENTRY_BYTES
      bytes.copyWithin(end, from, from + count * ENTRY_BYTES)
      end += count * ENTRY_BYTES
    })
    words.fill(0, counts >>> 2, (counts >>> 2) + PARTITIONS)
    if (end === start) return
    this.#entries += (end - start) / ENTRY_BYTES
    this.#writing = this.#write(end - this.#out)
    this.#writing.catch(() => {})
  }

  async #write(length: number): Promise<void> {
    try {
      const file = await this.#open()
      const position = this.#size
      this.#size += length
      this.#dumps.push(position)
      await this.#io.write(file.fd, this.#out, length, position)
    } catch (error) {
      throw writeError(error, this.#path)
    }
  }

  async #open(): Promise<FileHandle> {
    if (this.#file !== undefined) return this.#file
    this.#file = await open(this.#path, constants.O_RDWR | constants.O_CREAT, 0o600)
    this.#size = (await this.#file.stat()).size
    return this.#file
  }

  async seal(rejected: boolean): Promise<KeyTicket> {
    await this.#writing
    await this.close()
    return { path: this.#path, entries: this.#entries, rejected, dumps: this.#dumps }
  }

  async close(): Promise<void> {
    await this.#writing.catch(() => {})
    await this.#file?.close()
    this.#file = undefined
    this.#linear.release(this.#out)
    this.#out = 0
  }
}
