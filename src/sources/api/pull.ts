import { createHash } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { isSecretName } from '../../config/mask.ts'
import { SluiceError } from '../../errors.ts'
import { type AskResources, ask, elsewhere, sendAtOnce } from './asking.ts'
import type { Clock } from './clock.ts'
import { Credentials } from './credentials.ts'
import { HttpClient, type HttpRequest } from './http-client.ts'
import { HttpFault } from './http-fault.ts'
import { Pace } from './pace.ts'
import { parsePage } from './page-body.ts'
import { rowsOfPage } from './page-rows.ts'
import { type PulledPage, readPages } from './pages.ts'
import { Redactor } from './redactor.ts'
import { type Retry, withRetries } from './retry.ts'
import { safeUrl } from './safe-url.ts'
import type { ApiSetup } from './setup.ts'

/** One pull of an API, from its first page to its last. */
export class Pull {
  bytes = 0
  readonly #setup: ApiSetup
  readonly #clock: Clock
  readonly #ask: AskResources
  readonly #credentials: Credentials
  readonly #stop: AbortController
  readonly #onRetry: (retry: PullRetry) => void
  readonly #digest = createHash('sha256')

  private constructor(setup: ApiSetup, client: HttpClient, { signal, clock, onRetry }: PullOptions) {
    this.#setup = setup
    this.#clock = clock
    this.#onRetry = onRetry
    this.#stop = new AbortController()
    const both = AbortSignal.any([signal, this.#stop.signal])
    // Every request in flight listens; the warning about many would be wrong.
    setMaxListeners(0, both)
    const redactor = new Redactor()
    this.#ask = {
      client,
      pace: new Pace(setup.rateLimit, clock),
      clock,
      redactor,
      signal: both,
      retry: setup.retry,
      isAllowed: (url) => setup.origins.has(url.origin),
    }
    for (const secret of secretsIn(setup)) redactor.add(secret)
    this.#credentials = new Credentials(setup.auth, {
      clock,
      signal: both,
      hide: (secret) => redactor.add(secret),
      send: (request) => this.#patiently(request.url, '', () => sendAtOnce(request, this.#ask)),
    })
  }

  static async open(setup: ApiSetup, options: PullOptions): Promise<Pull> {
    const { concurrency: connections, maxPageBytes: maxBodyBytes, timeouts, dispatcher } = setup
    return new Pull(setup, await HttpClient.open({ connections, maxBodyBytes, timeouts, dispatcher }), options)
  }

  /** The rows of all pages, in their order. A page's rows come when it is there as a whole, so none comes twice. */
  async *rows(): AsyncGenerator<unknown, void, void> {
    const { url, pagination, concurrency, allowRepeatedPages } = this.#setup
    const { signal } = this.#ask
    const fetch = (address: URL, number: number) => this.#page(address, number)
    const shown = (address: URL) => this.#shown(address)
    try {
      for await (const page of readPages({ url, pagination, concurrency, allowRepeatedPages, signal, fetch, shown })) {
        this.#digest.update(page.raw)
        this.bytes += page.raw.length
        yield* page.rows
      }
    } catch (error) {
      throw signal.aborted ? error : located(error, this.#shown(url))
    }
  }

  sha256(): string {
    return this.#digest.digest('hex')
  }

  /** Ends what is still on its way. */
  async close(): Promise<void> {
    this.#stop.abort()
    await this.#ask.client.close()
  }

  async #page(url: URL, number: number): Promise<PulledPage> {
    if (!this.#ask.isAllowed(url)) throw this.#explain(elsewhere('leads', url), this.#setup.url, `page ${number} `)
    const { headers, rows: pick, anyContentType } = this.#setup
    const request: HttpRequest = { method: 'GET', url, headers: { accept: 'application/json', ...headers } }
    const { answer, base, body } = await this.#patiently(url, `page ${number} `, async () => {
      const { answer, url: base } = await ask(request, this.#credentials, this.#ask)
      return { answer, base, body: parsePage(answer, anyContentType) }
    })
    const rows = rowsAt(this.#shown(url), () => rowsOfPage(body, pick, number))
    return { number, url, base, headers: answer.headers, body, rows, raw: answer.body }
  }

  async #patiently<T>(url: URL, what: string, attempt: () => Promise<T>): Promise<T> {
    const { retry: policy } = this.#setup
    const { signal } = this.#ask
    const onRetry = (retry: Retry) => this.#onRetry({ ...retry, url: this.#shown(url) })
    try {
      return await withRetries(attempt, { policy, clock: this.#clock, signal, onRetry })
    } catch (error) {
      throw error instanceof HttpFault ? this.#explain(error, url, what) : error
    }
  }

  #explain({ code, message, retryable }: HttpFault, url: URL, what: string): SluiceError {
    const address = this.#shown(url)
    return new SluiceError(code, `${address}: ${what}${message}`, { context: { url: address }, retryable })
  }

  /** An address for people. A link that a server made may have a secret in its path. */
  #shown(url: URL): string {
    return this.#ask.redactor.redact(safeUrl(url))
  }
}

function rowsAt<T>(address: string, find: () => T): T {
  try {
    return find()
  } catch (error) {
    throw located(error, address)
  }
}

/** The same error with the address in front, unless it has one. */
function located(error: unknown, address: string): unknown {
  if (!(error instanceof SluiceError) || error.context['url'] !== undefined) return error
  const { code, message, retryable, cause } = error
  const context = { ...error.context, url: address }
  return new SluiceError(code, `${address}: ${message}`, { context, retryable, cause })
}

/** What a job put where `auth` would have been better. */
function secretsIn({ url, headers }: ApiSetup): readonly string[] {
  return [...url.searchParams, ...Object.entries(headers)]
    .filter(([name]) => isSecretName(name))
    .map(([, value]) => value)
}

export interface PullOptions {
  readonly signal: AbortSignal
  readonly clock: Clock
  onRetry(retry: PullRetry): void
}

export interface PullRetry extends Retry {
  /** For people. */
  readonly url: string
}
