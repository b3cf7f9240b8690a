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

  /** Throws HttpFault, or the signal's reason. Of an answer that is no success, a body that cannot be read is empty. */
  async send({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<HttpResponse> {
    const { timeouts, maxBodyBytes } = this.#options
    try {
      const answer = await this.#undici.request(url, {
        method,
        // No deflate, by which servers mean two things. Who asks for it gets what RFC 9110 means.
        headers: { 'user-agent': 'sluice', 'accept-encoding': 'gzip, br', ...headers },
        body: body ?? null,
        dispatcher: this.#dispatcher,
        headersTimeout: timeouts.response,
        bodyTimeout: timeouts.idle,
        signal,
      })
      const { statusCode: status, body: stream } = answer
      const fields = joined(answer.headers)
      // An answer without a body may say how it would be compressed.
      const encoding = status === 204 || status === 205 ? undefined : fields['content-encoding']
      const bytes = status < 300 ? await collect(stream, encoding, maxBodyBytes) : await excerpt(stream, encoding)
      signal.throwIfAborted()
      return { status, headers: fields, body: bytes }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      throw networkFault(error)
    }
  }

  async close(): Promise<void> {
    if (this.#options.dispatcher === undefined) await this.#dispatcher.destroy()
  }
}

async function collect(body: Readable, encoding: string | undefined, most: number): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of await decoded(body, encoding)) {
    bytes += chunk.length
    if (bytes > most) {
      const fix = 'Ask for smaller pages, or raise `maxPageBytes` if the memory suffices.'
      throw new HttpFault(`sent a page of more than ${most} bytes. ${fix}`)
    }
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/**
 * The beginning of what a server says of a failure; nothing if that breaks off, for the status is what must be told, and
 * half a secret would not be known for one.
 */
async function excerpt(body: Readable, encoding: string | undefined): Promise<Buffer> {
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    for await (const chunk of await decoded(body, encoding)) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes > ERROR_BYTES) break
    }
    return Buffer.concat(chunks)
  } catch {
    return Buffer.alloc(0)
  }
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
