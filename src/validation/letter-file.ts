import { createHash } from 'node:crypto'
import { type FileHandle, open } from 'node:fs/promises'
import { writeError } from '../storage/write-error.ts'

/** A file of lines, written in large pieces out of one buffer. Created with the first line or with `seal`. */
export class LetterFile {
  letters = 0
  bytes = 0
  readonly path: string
  readonly #hash = createHash('sha256')
  #file: FileHandle | undefined
  #buffer: Buffer | undefined
  #length = 0

  constructor(path: string) {
    this.path = path
  }

  /** Returns a promise when the caller has to wait before it adds more. */
  add(line: string): Promise<void> | undefined {
    this.letters++
    // No character takes more than three bytes for each of its code units.
    const most = line.length * 3
    if (most > PIECE) return this.#addLong(line)
    this.#buffer ??= Buffer.allocUnsafeSlow(PIECE * 2)
    this.#length += this.#buffer.write(line, this.#length)
    return this.#length >= PIECE ? this.flush() : undefined
  }

  async #addLong(line: string): Promise<void> {
    await this.flush()
    await this.#write(Buffer.from(line))
  }

  /** Takes whole lines that are bytes already. */
  async addBytes(bytes: Buffer, letters: number): Promise<void> {
    await this.flush()
    this.letters += letters
    await this.#write(bytes)
  }

  async flush(): Promise<void> {
    if (this.#length === 0) return
    const bytes = (this.#buffer as Buffer).subarray(0, this.#length)
    this.#length = 0
    await this.#write(bytes)
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      this.#file ??= await open(this.path, 'w', 0o600)
      await this.#file.writeFile(bytes)
    } catch (error) {
      throw writeError(error, this.path)
    }
    this.#hash.update(bytes)
    this.bytes += bytes.length
  }

  /** Closes the file; `durable` ones survive a power cut. */
  async seal({
    durable,
  }: {
    readonly durable: boolean
  }): Promise<{ readonly path: string; readonly letters: number; readonly bytes: number; readonly sha256: string }> {
    await this.flush()
    if (this.#file === undefined) await this.#write(Buffer.alloc(0))
    if (durable) await this.#file?.sync()
    await this.close()
    return { path: this.path, letters: this.letters, bytes: this.bytes, sha256: this.#hash.digest('hex') }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}

const PIECE = 256 * 1024
