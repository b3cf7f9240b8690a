import { closeSync, openSync, writeSync } from 'node:fs'
import { open } from 'node:fs/promises'

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
    closeSync(this.#file)
    this.#file = undefined
    const file = await open(this.#path, 'r')
    try {
      const numbers = new Float64Array(BUFFER)
      for (let at = 0; at < this.size * 8; ) {
        const { bytesRead } = await file.read(new Uint8Array(numbers.buffer), 0, numbers.byteLength, at)
        yield* numbers.subarray(0, bytesRead / 8)
        at += bytesRead
      }
    } finally {
      await file.close()
    }
  }

  #flush(): void {
    this.#file ??= openSync(this.#path, 'w', 0o600)
    writeSync(this.#file, this.#buffer, 0, this.#pending * 8)
    this.#pending = 0
  }
}

const BUFFER = 8192
