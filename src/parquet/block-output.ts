import type { LinearMemory } from '../records/linear-memory.ts'

/** Where the bytes of a file go: ask for a buffer, fill it, `write`. Both wait until there is room. */
export interface FileOutput {
  readonly linear: LinearMemory
  buffer(byteLength: number): Promise<number>
  write(byteLength: number): Promise<void>
}

/** Puts small pieces together to blocks, so that a page does not cost a write. */
export class BlockOutput {
  /** Bytes so far. */
  offset = 0
  readonly #output: FileOutput
  readonly #size: number
  #address = 0
  #filled = 0

  constructor(output: FileOutput, size: number = BLOCK) {
    this.#output = output
    this.#size = size
  }

  async append(bytes: Uint8Array): Promise<void> {
    this.offset += bytes.length
    for (let from = 0; from < bytes.length; ) {
      if (this.#filled === 0) this.#address = await this.#output.buffer(this.#size)
      const piece = bytes.subarray(from, from + this.#size - this.#filled)
      this.#output.linear.bytes.set(piece, this.#address + this.#filled)
      this.#filled += piece.length
      from += piece.length
      if (this.#filled === this.#size) await this.flush()
    }
  }

  async flush(): Promise<void> {
    if (this.#filled === 0) return
    const filled = this.#filled
    this.#filled = 0
    await this.#output.write(filled)
  }
}

const BLOCK = 512 << 10
