import { pipeline, type Readable, type Transform } from 'node:stream'
import type { Dispatcher } from 'undici'
import { HttpFault, networkFault } from './http-fault.ts'

export interface HttpRequest {
  readonly method: 'GET' | 'POST'
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

export interface HttpResponse {
  readonly status: number
  /** Names in lower case; several fields of one name are joined by commas. */
  readonly headers: Readonly<Record<string, string>>
  /** Without its compression. */
  readonly body: Buffer
}

export interface HttpOptions {
  readonly connections: number
  readonly maxBodyBytes: number
  /** Milliseconds: until there is a connection, until the answer begins, between two parts of its body. */
  readonly timeouts: { readonly connect: number; readonly response: number; readonly idle: number }
  /** In place of a pool of its own: for proxies and client certificates. Not closed. */
  readonly dispatcher: Dispatcher | undefined
}

/** Sends single requests: no retries, no redirects. Nothing but what `close` waits for is at work after it. */
export class HttpClient {
  readonly #undici: typeof import('undici')
  readonly #options: HttpOptions
  readonly #dispatcher: Dispatcher

  private constructor(undici: typeof import('undici'), options: HttpOptions) {
    const { connections, timeouts, dispatcher } = options
    this.#undici = undici
    this.#options = options
    this.#dispatcher = dispatcher ?? new undici.Agent({ connections, connect: { timeout: timeouts.connect } })
  }

  /** Loads undici, so that jobs without an API do not. */
  static async open(options: HttpOptions): Promise<HttpClient> {
    return new HttpClient(await import('undici'), options)
  }

  /** Throws HttpFault, or the signal's reason. The body of an answer that is no success is cut off, not refused. */
  async send({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { timeouts, maxBodyBytes } = this.#options
    try {
      const answer = await this.#undici.request(url, {
        method,
        headers: { 'user-agent': 'sluice', 'accept-encoding': 'gzip, deflate, br', ...headers },
        body: body ?? null,
        dispatcher: this.#dispatcher,
        headersTimeout: timeouts.response,
        bodyTimeout: timeouts.idle,
        signal,
      })
      const fields = joined(answer.headers)
      const stream = await decoded(answer.body, fields['content-encoding'])
      const success = answer.statusCode < 300
      const bytes = await collect(stream, success ? maxBodyBytes : ERROR_BYTES, success)
      return { status: answer.statusCode, headers: fields, body: bytes }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw networkFault(error)
    }
  }

  async close(): Promise<void> {
    if (this.#options.dispatcher === undefined) await this.#dispatcher.destroy()
  }
}

async function collect(stream: AsyncIterable<Buffer>, most: number, strict: boolean): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of stream) {
    bytes += chunk.length
    if (bytes > most && strict) {
      const fix = 'Ask for smaller pages, or raise `maxPageBytes` if the memory suffices.'
      throw new HttpFault(`sent a page of more than ${most} bytes. ${fix}`)
    }
    chunks.push(chunk)
    if (bytes > most) break
  }
  return Buffer.concat(chunks)
}

/** The body as it was before it was compressed; zlib is loaded where a server compresses. */
async function decoded(body: Readable, encoding = 'identity'): Promise<Readable> {
  const name = encoding.trim().toLowerCase()
  if (name === 'identity' || name === '') return body
  const zlib = await import('node:zlib')
  const decoders: Readonly<Record<string, () => Transform>> = {
    gzip: zlib.createGunzip,
    'x-gzip': zlib.createGunzip,
    deflate: zlib.createInflate,
    br: zlib.createBrotliDecompress,
  }
  const decoder = decoders[name]
  if (decoder === undefined) {
    body.on('error', () => {}).destroy()
    throw new HttpFault('compressed its answer in a way that nobody asked for')
  }
  // Failures of either are thrown to whoever reads the result.
  return pipeline(body, decoder(), () => {}) as unknown as Readable
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const fields = Object.entries(headers).filter((field): field is [string, string | string[]] => field[1] !== undefined)
  return Object.fromEntries(fields.map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]))
}

/** More of the page that a server shows for an error is of no use. */
const ERROR_BYTES = 64 * 1024
