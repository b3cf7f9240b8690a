import { type FileHandle, open } from 'node:fs/promises'
import { SluiceError } from '../errors.ts'
import { decodeFooter, type Footer, footerLength, TAIL } from '../parquet/footer.ts'
import type { ParquetFile } from '../parquet/parquet-file.ts'
import type { StagedPart } from '../storage/target.ts'

/** A local file that this run staged. Throws `staged-lost` if somebody changed it. */
export class StagedParquet implements ParquetFile, AsyncDisposable {
  readonly name: string
  readonly bytes: number
  readonly #file: FileHandle

  static async open(part: Pick<StagedPart, 'path' | 'bytes'>): Promise<StagedParquet> {
    return new StagedParquet(part, await open(part.path, 'r'))
  }

  private constructor({ path, bytes }: Pick<StagedPart, 'path' | 'bytes'>, file: FileHandle) {
    this.name = path
    this.bytes = bytes
    this.#file = file
  }

  async slice(start: number, end: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(end - start)
    const { bytesRead } = await this.#file.read(bytes, 0, bytes.length, start)
    if (bytesRead === bytes.length) return bytes
    throw this.#changed(`no bytes ${start} to ${end}`)
  }

  /** The bytes [start, end) in pieces. */
  async *pieces(start: number, end: number): AsyncGenerator<Buffer, void, void> {
    for (let at = start; at < end; at += PIECE) yield await this.slice(at, Math.min(end, at + PIECE))
  }

  /** With the byte at which it starts. */
  async footer(): Promise<{ readonly footer: Footer; readonly start: number }> {
    const length = footerLength(await this.slice(this.bytes - TAIL, this.bytes))
    if (length === undefined) throw this.#changed('no footer')
    const start = this.bytes - length
    return { footer: decodeFooter(await this.slice(start, this.bytes)), start }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }

  #changed(what: string): SluiceError {
    return new SluiceError('staged-lost', `${this.name} has ${what}: somebody changed it.`, {
      context: { path: this.name },
    })
  }
}

const PIECE = 1 << 20
