import { type FileHandle, open } from 'node:fs/promises'
import type { LinearMemory } from '../records/linear-memory.ts'
import type { ByteIo } from '../storage/byte-io.ts'
import { writeError } from '../storage/write-error.ts'

/** The bytes of one key entry: 128 bits of hash, then id << 1 | holds. */
export const ENTRY_BYTES = 24
/** Keys are spread over so many partitions by the upper bits of their hash. */
export const PARTITION_BITS = 8
export const PARTITIONS: number = 1 << PARTITION_BITS

/** Where the keys of one rule in one split lie: plain JSON. */
export interface KeyTicket {
  readonly path: string
  readonly entries: number
  /** Some entries are of rows that hold no key, for they are rejected. */
  readonly rejected: boolean
  /** For each time the buffers were written: the offset, then the entries of each partition. */
  readonly dumps: readonly { readonly offset: number; readonly counts: readonly number[] }[]
}

/** Appends dumps of partition buffers to one file; the next dump waits for the last write. */
export class KeyFile {
  readonly #path: string
  readonly #linear: LinearMemory
  readonly #io: ByteIo
  readonly #dumps: { offset: number; counts: number[] }[] = []
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
    this.#out = linear.reserve(outBytes)
  }

  /** Writes all partitions, packed, and empties them. Returns when the buffers are free again. */
  async dump(counts: number, buffers: number, capacity: number): Promise<void> {
    await this.#writing
    const { bytes, words } = this.#linear
    const numbers = Array.from(words.subarray(counts >>> 2, (counts >>> 2) + PARTITIONS))
    let end = this.#out
    numbers.forEach((count, partition) => {
      const from = buffers + partition * capacity * ENTRY_BYTES
      bytes.copyWithin(end, from, from + count * ENTRY_BYTES)
      end += count * ENTRY_BYTES
    })
    words.fill(0, counts >>> 2, (counts >>> 2) + PARTITIONS)
    const length = end - this.#out
    if (length === 0) return
    this.#dumps.push({ offset: this.#size, counts: numbers })
    this.#entries += length / ENTRY_BYTES
    this.#writing = this.#write(length, this.#size)
    this.#writing.catch(() => {})
    this.#size += length
  }

  async #write(length: number, position: number): Promise<void> {
    try {
      this.#file ??= await open(this.#path, 'w', 0o600)
      await this.#io.write(this.#file.fd, this.#out, length, position)
    } catch (error) {
      throw writeError(error, this.#path)
    }
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
