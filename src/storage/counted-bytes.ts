import { createHash } from 'node:crypto'

/** Passes bytes on and takes their number and digest: of an input whose bytes are others when they have been unpacked. */
export class CountedBytes implements AsyncIterable<Buffer> {
  bytes = 0
  readonly #hash = createHash('sha256')
  readonly #source: AsyncIterable<Buffer>

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source
  }

  /** Of all that has passed, in hexadecimal. */
  get sha256(): string {
    return this.#hash.copy().digest('hex')
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer, void, void> {
    for await (const chunk of this.#source) {
      this.#hash.update(chunk)
      this.bytes += chunk.length
      yield chunk
    }
  }
}
