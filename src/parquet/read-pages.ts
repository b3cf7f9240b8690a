import { crc32 } from 'node:zlib'
import { type ParquetFile, readBytes } from './parquet-file.ts'
import type { ColumnChunk } from './read-footer.ts'
import { type PageHeader, readPageHeader } from './read-page-header.ts'

/** Runs what may find the bytes to be damaged, and says so. */
export type Decode = <R>(work: () => R) => R

export interface PackedPage {
  readonly header: PageHeader
  readonly bytes: Uint8Array
}

/** The pages of a column chunk, one after another, read in stretches of about a megabyte. */
export class Pages {
  readonly #file: ParquetFile
  readonly #decode: Decode
  /** The bytes [start, start + bytes.length) of the file, of which those before `at` are done with. */
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  /** Where the file goes on behind `bytes`, and where the chunk ends. */
  #next: number
  readonly #end: number

  constructor(file: ParquetFile, { start, end }: ColumnChunk, decode: Decode) {
    this.#file = file
    this.#decode = decode
    this.#next = start
    this.#end = end
  }

  /** Undefined at the end of the chunk. The page may be looked at before it is asked for with `take`. */
  async header(): Promise<PageHeader | undefined> {
    if (this.#left === 0) return undefined
    for (let wanted = HEADER; ; wanted *= 8) {
      await this.#fill(Math.min(wanted, this.#left))
      const last = wanted >= this.#left
      const header = this.#decode(() => {
        try {
          return readPageHeader(this.#bytes, this.#at)
        } catch (error) {
          // More bytes may help where it ended too early.
          if (last || !endsEarly(error)) throw error
          return undefined
        }
      })
      if (header !== undefined) return header
    }
  }

  async take(header: PageHeader): Promise<PackedPage> {
    const bytes = this.#extent(header)
    await this.#fill(bytes)
    const page = this.#bytes.subarray(this.#at + header.bytes, this.#at + bytes)
    this.#at += bytes
    this.#decode(() => {
      if (header.crc !== undefined && crc32(page) !== header.crc >>> 0)
        throw new RangeError('a page has another checksum')
    })
    return { header, bytes: page }
  }

  async skip(header: PageHeader): Promise<void> {
    const bytes = this.#extent(header)
    const behind = this.#bytes.length - this.#at
    this.#at += Math.min(bytes, behind)
    if (bytes > behind) this.#next += bytes - behind
  }

  #extent(header: PageHeader): number {
    return this.#decode(() => {
      const bytes = header.bytes + header.packedBytes
      if (bytes > this.#left) throw new RangeError('a page is not all there')
      return bytes
    })
  }

  /** Bytes of the chunk that nobody took. */
  get #left(): number {
    return this.#bytes.length - this.#at + this.#end - this.#next
  }

  /** Has the next `wanted` bytes at hand. */
  async #fill(wanted: number): Promise<void> {
    const there = this.#bytes.length - this.#at
    if (there >= wanted) return
    const more = Math.min(Math.max(wanted - there, STRETCH), this.#end - this.#next)
    const read = await readBytes(this.#file, this.#next, this.#next + more)
    this.#next += more
    this.#bytes = there === 0 ? read : Buffer.concat([this.#bytes.subarray(this.#at), read])
    this.#at = 0
  }
}

/** As a view says it, or hyparquet. */
function endsEarly(error: unknown): boolean {
  return error instanceof RangeError || /without STOP|exceeds remaining/.test((error as Error).message)
}

/** Most headers are shorter; one with long bounds is not. */
const HEADER = 1 << 10
const STRETCH = 1 << 20
