import { type FileHandle, open } from 'node:fs/promises'
import { SluiceError } from '../errors.ts'
import { decodeFooter, type Footer, footerLength, TAIL } from '../parquet/footer.ts'
import type { ParquetFile } from '../parquet/parquet-file.ts'
import type { RowGroupPart, RowGroupReader } from '../parquet/read-row-group.ts'
import type { BatchMemory } from '../records/batch-memory.ts'
import type { StagedPart } from '../storage/target.ts'

/**
 * The next rows of a file that this run staged. Columns can hold a few values that no reader takes, such as the year 275760:
 * they must not turn into nulls on their way.
 */
export async function readStaged(reader: RowGroupReader, memory: BatchMemory): Promise<RowGroupPart> {
  const part = await reader.next(memory, PIECE)
  const [problem] = part.problems
  if (problem === undefined) return part
  const { column, value, message } = problem
  const fix = 'Reject such rows.'
  throw new SluiceError('transform-failed', `The column ${column}: ${value} ${message}. ${fix}`, {
    context: { column },
  })
}

const PIECE = { rows: 8192, bytes: 1 << 20 }

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
    for (let at = start; at < end; at += BLOCK) yield await this.slice(at, Math.min(end, at + BLOCK))
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

const BLOCK = 1 << 20
