import { promisify } from 'node:util'
import { constants, gzip, zstdCompress } from 'node:zlib'
import type { LinearMemory } from '../records/linear-memory.ts'

export type Compression = 'zstd' | 'gzip' | 'none'

/** Numbers of parquet.thrift: CompressionCodec. */
export const CODECS: Readonly<Record<Compression, number>> = { none: 0, gzip: 2, zstd: 6 }

/** Some linear memory for a page on its way to the thread pool. */
export interface Slot {
  address: number
  size: number
}

/**
 * Compresses pages with the thread pool, straight from linear memory. There are few slots: whoever has a page to compress
 * waits for one, and so no more pages are held than threads are at work on.
 */
export class Compressor {
  readonly codec: number
  readonly #linear: LinearMemory
  readonly #compress: (bytes: Buffer) => Promise<Buffer>
  readonly #free: Slot[] = Array.from({ length: SLOTS }, () => ({ address: 0, size: 0 }))
  readonly #waiting: ((slot: Slot) => void)[] = []
  #running = 0
  #idle: (() => void) | undefined

  constructor(linear: LinearMemory, compression: Compression) {
    this.codec = CODECS[compression]
    this.#linear = linear
    this.#compress = COMPRESS[compression]
  }

  /** At least so many bytes; give them to `compress`. */
  async slot(byteLength: number): Promise<Slot> {
    const slot = this.#free.pop() ?? (await new Promise<Slot>((resolve) => this.#waiting.push(resolve)))
    if (slot.size < byteLength) {
      this.#linear.release(slot.address)
      slot.size = byteLength
      slot.address = this.#linear.reserve(byteLength)
    }
    return slot
  }

  /** The first bytes of a slot, compressed. It is free again when this resolves. */
  async compress(slot: Slot, byteLength: number): Promise<Buffer> {
    this.#running++
    try {
      return await this.#compress(this.#linear.bytes.subarray(slot.address, slot.address + byteLength))
    } finally {
      const next = this.#waiting.shift()
      if (next === undefined) this.#free.push(slot)
      else next(slot)
      if (--this.#running === 0) this.#idle?.()
    }
  }

  /** Waits for what is at work, which reads from linear memory, and gives that back. */
  async close(): Promise<void> {
    if (this.#running > 0) await new Promise<void>((resolve) => (this.#idle = resolve))
    for (const { address } of this.#free.splice(0)) this.#linear.release(address)
  }
}

/** More than the threads that are likely to be free: while they work, the next page is filled. */
const SLOTS = 4

/** Of pages like ours the third level, which is the default, makes no smaller files, and takes a quarter more of the whole time. */
const LEVEL = 1

const zstd = promisify(zstdCompress)
const gzipped = promisify(gzip)

const COMPRESS: Readonly<Record<Compression, (bytes: Buffer) => Promise<Buffer>>> = {
  zstd: (bytes) => zstd(bytes, { chunkSize: chunkSize(bytes), params: { [constants.ZSTD_c_compressionLevel]: LEVEL } }),
  gzip: (bytes) => gzipped(bytes, { chunkSize: chunkSize(bytes) }),
  none: async (bytes) => Buffer.from(bytes),
}

/** About what text comes down to: each further chunk is another journey to the thread pool. */
function chunkSize({ length }: Buffer): number {
  return Math.max(1024, length >>> 1)
}
