import { notImplemented, S3Error } from '../protocol/s3-error.ts'

/** What a chunked body ends with: header lines, checksums as a rule. */
export type Trailers = Map<string, string>

const LINE_END = '\r\n'

/** A header of a chunk or a trailer is never as long as that. */
const LONGEST_LINE = 16 * 1024

/** Takes the framing of aws-chunked off: `size CRLF data CRLF`, at last size zero and the trailers. */
export async function* decodeChunked(body: AsyncIterable<Buffer>, trailers: Trailers): AsyncGenerator<Buffer> {
  const input = new Input(body)
  for (let size = await chunkSize(input); size > 0; size = await chunkSize(input)) {
    for (let left = size; left > 0; ) {
      const bytes = await input.some(left)
      left -= bytes.length
      yield bytes
    }
    if ((await input.line()) !== '') throw incomplete()
  }
  for (let line = await input.line(); line !== ''; line = await input.line()) {
    const [name = '', value = ''] = line.split(/:(.*)/s)
    trailers.set(name.trim().toLowerCase(), value.trim())
  }
}

async function chunkSize(input: Input): Promise<number> {
  const line = await input.line()
  if (line.includes(';')) throw notImplemented('signed chunks')
  if (!/^[0-9a-f]+$/i.test(line)) throw incomplete()
  return Number.parseInt(line, 16)
}

/** The body as lines and runs of bytes, whatever the pieces it comes in. */
class Input {
  readonly #body: AsyncIterator<Buffer>
  #rest: Buffer = Buffer.alloc(0)

  constructor(body: AsyncIterable<Buffer>) {
    this.#body = body[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    let end = this.#rest.indexOf(LINE_END)
    while (end < 0) {
      if (this.#rest.length > LONGEST_LINE) throw incomplete()
      this.#rest = Buffer.concat([this.#rest, await this.#next()])
      end = this.#rest.indexOf(LINE_END)
    }
    const line = this.#rest.toString('latin1', 0, end)
    this.#rest = this.#rest.subarray(end + LINE_END.length)
    return line
  }

  async some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) this.#rest = await this.#next()
    const bytes = this.#rest.subarray(0, most)
    this.#rest = this.#rest.subarray(bytes.length)
    return bytes
  }

  async #next(): Promise<Buffer> {
    const { value, done } = await this.#body.next()
    if (done) throw incomplete()
    return value
  }
}

function incomplete(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'The request body terminated unexpectedly.')
}
