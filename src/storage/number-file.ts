import { closeSync, openSync, readSync } from 'node:fs'
import { writeFully } from './durable.ts'
import { writeError } from './write-error.ts'

/** A list of numbers in a file: plain JSON. */
export interface NumberList {
  readonly path: string
  readonly size: number
}

/** Writes a list of numbers that may be longer than memory. */
export class NumberFile {
  readonly #path: string
  /** Made for the first number: many lists stay empty. */
  #buffer: Float64Array<ArrayBuffer> | undefined
  #pending = 0
  #size = 0
  #file: number | undefined

  constructor(path: string) {
    this.#path = path
  }

  add(value: number): void {
    this.#buffer ??= new Float64Array(BUFFER)
    this.#buffer[this.#pending++] = value
    this.#size++
    if (this.#pending === BUFFER) this.#flush()
  }

  /** Writes what is left and closes the file. */
  seal(): NumberList {
    if (this.#pending > 0) this.#flush()
    this.close()
    return { path: this.#path, size: this.#size }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file)
    this.#file = undefined
  }

  #flush(): void {
    try {
      this.#file ??= openSync(this.#path, 'w', 0o600)
      writeFully(
        this.#file,
        new Uint8Array((this.#buffer as Float64Array<ArrayBuffer>).buffer, 0, this.#pending * 8),
        null,
      )
    } catch (error) {
      throw writeError(error, this.#path)
    }
    this.#pending = 0
  }
}

/** All numbers in their order, some thousands at a time; the arrays are used again. */
export function* readNumbers({ path, size }: NumberList): Generator<Float64Array, void, void> {
  if (size === 0) return
  const file = openSync(path, 'r')
  try {
    const numbers = new Float64Array(Math.min(BUFFER, size))
    for (let at = 0; at < size * 8; ) {
      const bytes = readSync(file, numbers, 0, numbers.byteLength, at)
      if (bytes === 0 || bytes % 8 !== 0) throw new Error(`the list ${path} is cut off`)
      yield numbers.subarray(0, bytes / 8)
      at += bytes
    }
  } finally {
    closeSync(file)
  }
}

/** A multiple of what is kept together: pairs. */
const BUFFER = 8192
