import { closeSync, openSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { writeFully } from '../storage/durable.ts'
import { writeError } from '../storage/write-error.ts'

/** An ascending list of record numbers that may be longer than memory: some in memory, the others in a file. */
export class OrdinalFile {
  size = 0
  readonly #path: string
  readonly #buffer = new Float64Array(BUFFER)
  #pending = 0
  #file: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  add(ordinal: number): void {
    this.#buffer[this.#pending++] = ordinal
    this.size++
    if (this.#pending === BUFFER) this.#flush()
  }

  async *read(): AsyncGenerator<number, void, void> {
    if (this.#file === undefined) {
      yield* this.#buffer.subarray(0, this.#pending)
      return
    }
    this.#flush()
    this.close()
    const file = await open(this.#path, 'r')
    try {
      const numbers = new Float64Array(BUFFER)
      for (let at = 0; at < this.size * 8; ) {
        const { bytesRead } = await file.read(new Uint8Array(numbers.buffer), 0, numbers.byteLength, at)
        if (bytesRead === 0) throw new Error(`${this.#path} is cut off`)
        yield* numbers.subarray(0, bytesRead / 8)
        at += bytesRead
      }
    } finally {
      await file.close()
    }
  }

  /** Gives the handle back, read or not. */
  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #flush(): void {
    try {
      this.#file ??= openSync(this.#path, 'w', 0o600)
      writeFully(this.#file, Buffer.from(this.#buffer.buffer, 0, this.#pending * 8), null)
    } catch (error) {
      throw writeError(error, this.#path)
    }
    this.#pending = 0
  }
}

const BUFFER = 8192
