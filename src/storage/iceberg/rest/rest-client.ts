import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import type { RestCatalogConfig } from '../../../config/catalog-config.ts'
import { SluiceError } from '../../../errors.ts'
import { formatLossless, parseLossless } from '../lossless-json.ts'
import { type RestAuth, restAuth } from './rest-auth.ts'

/** An answer, or why there was none. */
export type RestAnswer =
  | { readonly status: number; readonly body: unknown; readonly message: string }
  | { readonly status: undefined; readonly message: string }

export interface RestRequest {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** Requests to a catalog. A connection of its own, which `close` ends. */
export class RestClient {
  readonly #undici: typeof import('undici')
  readonly #dispatcher: import('undici').Agent
  readonly #base: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #auth: RestAuth
  readonly #timeoutMs: number

  private constructor(undici: typeof import('undici'), name: string, config: RestCatalogConfig) {
    this.#undici = undici
    this.#timeoutMs = Number(process.env['SLUICE_CATALOG_TIMEOUT_MS']) || TIMEOUT_MS
    this.#dispatcher = new undici.Agent({ connections: 4, connect: { timeout: Math.min(10_000, this.#timeoutMs) } })
    this.#base = config.uri.replace(/\/+$/, '')
    this.#headers = { 'user-agent': 'sluice', accept: 'application/json', 'accept-encoding': 'gzip', ...config.headers }
    this.#auth = restAuth(name, config, this.#timeoutMs)
  }

  /** Loads undici, so that who has no such catalog does not. */
  static async open(name: string, config: RestCatalogConfig): Promise<RestClient> {
    return new RestClient(await import('undici'), name, config)
  }

  /** Asks what changes nothing, again and again while the catalog is busy. */
  async ask(request: RestRequest): Promise<RestAnswer> {
    for (let attempt = 1; ; attempt++) {
      const answer = await this.send(request)
      const busy = answer.status === undefined || answer.status >= 500 || answer.status === 429
      if (!busy || attempt === ATTEMPTS) return answer
      await sleep(Math.random() * RETRY_MS * 2 ** attempt)
    }
  }

  /** Sends a request once; a second time only if the server did not take it for want of a token. */
  async send(request: RestRequest): Promise<RestAnswer> {
    const answer = await this.#sendOnce(request)
    const refused = answer.status === 401 || answer.status === 419
    return refused && this.#auth.renew() ? await this.#sendOnce(request) : answer
  }

  async close(): Promise<void> {
    await this.#dispatcher.destroy()
  }

  async #sendOnce({ method, path, query = {}, body: given, headers: more = {} }: RestRequest): Promise<RestAnswer> {
    const url = new URL(`${this.#base}${path}`)
    for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value)
    const body = given === undefined ? undefined : formatLossless(given)
    const type = body === undefined ? {} : { 'content-type': 'application/json' }
    const headers = await this.#auth.headers({ method, url, body, headers: { ...this.#headers, ...type, ...more } })
    try {
      const answer = await this.#undici.request(url, {
        method,
        headers,
        body: body ?? null,
        dispatcher: this.#dispatcher,
        signal: AbortSignal.timeout(this.#timeoutMs),
      })
      const bytes = Buffer.from(await answer.body.arrayBuffer())
      const text = (answer.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
      return this.#read(answer.statusCode, text)
    } catch (error) {
      if (error instanceof SluiceError) throw error
      return { status: undefined, message: networkReason(error) }
    }
  }

  /** What is no JSON comes from a proxy, or is an answer that broke off. */
  #read(status: number, text: string): RestAnswer {
    try {
      const body = text === '' ? undefined : parseLossless(text)
      return { status, body, message: this.#auth.hide(messageOf(status, body)) }
    } catch {
      if (status < 300) return { status: undefined, message: /^\s*</.test(text) ? WEB_PAGE : 'the answer broke off' }
      return { status, body: undefined, message: `HTTP ${status}` }
    }
  }
}

/** `error.type`, as the protocol has it; undefined for an answer that is none of the protocol. */
export function errorType(answer: RestAnswer): string | undefined {
  const { error } = ((answer as { body?: unknown }).body ?? {}) as { error?: { type?: unknown } }
  return error === undefined || error === null ? undefined : String(error.type ?? '')
}

function messageOf(status: number, body: unknown): string {
  const { error } = (body ?? {}) as { error?: { type?: unknown; message?: unknown } }
  const said = [error?.type, error?.message].filter((part) => typeof part === 'string').join(': ')
  return `HTTP ${status}${said === '' ? '' : ` ${said.slice(0, MOST_SAID)}`}`
}

function networkReason(error: unknown): string {
  const { name, code, message } = error as NodeJS.ErrnoException
  if (name === 'TimeoutError' || name === 'AbortError' || code?.includes('TIMEOUT')) return 'it does not answer in time'
  return code === 'UND_ERR_SOCKET' ? 'the connection broke off' : message
}

const WEB_PAGE = 'it answers with a web page. Check uri of the catalog, and whether it asks to log in'
const TIMEOUT_MS = 60_000
const ATTEMPTS = 5
const RETRY_MS = 50
const MOST_SAID = 500
