import type { Dispatcher } from 'undici'
import { SluiceError } from '../../errors.ts'
import type { ApiAuth } from './auth.ts'
import { checkedUrl } from './checked-url.ts'
import { checkPath } from './field-path.ts'
import type { ApiOptions } from './options.ts'
import type { PickRows } from './page-rows.ts'
import { paginationOf } from './paginate.ts'
import type { Pagination } from './pagination.ts'
import { DEFAULT_RETRY, type RetryPolicy } from './retry.ts'

/** The options of a pull, checked and complete. */
export interface ApiSetup {
  readonly url: URL
  readonly auth: readonly ApiAuth[]
  readonly headers: Readonly<Record<string, string>>
  readonly pagination: Pagination
  readonly rows: PickRows
  readonly retry: RetryPolicy
  readonly rateLimit: number | undefined
  readonly concurrency: number
  readonly timeouts: { readonly connect: number; readonly response: number; readonly idle: number }
  readonly maxPageBytes: number
  readonly anyContentType: boolean
  readonly allowRepeatedPages: boolean
  readonly origins: ReadonlySet<string>
  readonly dispatcher: Dispatcher | undefined
}

/** Throws `job-invalid`. */
export function setupOf(options: ApiOptions): ApiSetup {
  const {
    auth = [],
    rows = '',
    concurrency = 1,
    rateLimit,
    maxPageBytes = DEFAULT_PAGE_BYTES,
    allowHttp = false,
  } = options
  const auths = Array.isArray(auth) ? (auth as readonly ApiAuth[]) : [auth as ApiAuth]
  const url = checkedUrl(options.url, 'readApi: url', { allowHttp, secrets: auths.length > 0 })
  for (const [name, value] of Object.entries(options.query ?? {})) url.searchParams.set(name, String(value))
  if (typeof rows !== 'function' && rows !== '') checkPath(rows, 'rows')
  check(isWhole(concurrency, 1, MOST_CONCURRENCY), 'concurrency', `a whole number from 1 to ${MOST_CONCURRENCY}`)
  check(rateLimit === undefined || rateLimit > 0, 'rateLimit', 'the requests per second, above 0')
  check(isWhole(maxPageBytes, 1, MOST_PAGE_BYTES), 'maxPageBytes', `a whole number of bytes up to ${MOST_PAGE_BYTES}`)
  check(
    auths.every((one) => typeof one?.obtain === 'function'),
    'auth',
    'such as bearer(…) or oauth2ClientCredentials({ … })',
  )
  return {
    url,
    auth: auths,
    headers: checkHeaders(options.headers ?? {}),
    pagination: paginationOf(options.paginate),
    rows,
    retry: checkRetry({ ...DEFAULT_RETRY, ...options.retry }),
    rateLimit,
    concurrency,
    timeouts: checkTimeouts({ connect: 10_000, response: 60_000, idle: 30_000, ...options.timeoutMs }),
    maxPageBytes,
    anyContentType: options.anyContentType ?? false,
    allowRepeatedPages: options.allowRepeatedPages ?? false,
    origins: allowedOrigins(url, options, auths.length > 0),
    dispatcher: options.dispatcher,
  }
}

function allowedOrigins(url: URL, { allowOrigins = [], allowHttp = false }: ApiOptions, secrets: boolean): Set<string> {
  const more = allowOrigins.map((origin) => checkedUrl(origin, 'readApi: allowOrigins', { allowHttp, secrets }).origin)
  return new Set([url.origin, ...more])
}

function checkHeaders(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  for (const [name, value] of Object.entries(headers)) {
    const good =
      /^[\w!#$%&'*+.^`|~-]+$/.test(name) && typeof value === 'string' && !/[^\t\x20-\x7e\x80-\xff]/.test(value)
    check(good, 'headers', 'texts by the names of header fields; secrets go into `auth`')
  }
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

function checkRetry(retry: RetryPolicy): RetryPolicy {
  const { attempts, firstDelayMs, maxDelayMs, maxTimeMs, statuses } = retry
  check(isWhole(attempts, 1, 1000), 'retry.attempts', 'a whole number from 1 to 1000')
  for (const [name, value] of Object.entries({ firstDelayMs, maxDelayMs, maxTimeMs })) {
    check(typeof value === 'number' && value >= 0, `retry.${name}`, 'milliseconds')
  }
  check(
    Array.isArray(statuses) && statuses.every((status) => isWhole(status, 400, 599)),
    'retry.statuses',
    'HTTP statuses',
  )
  return retry
}

function checkTimeouts<T extends Readonly<Record<string, number>>>(timeouts: T): T {
  for (const [name, value] of Object.entries(timeouts))
    check(isWhole(value, 1, 1e9), `timeoutMs.${name}`, 'milliseconds above 0')
  return timeouts
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most
}

function check(good: boolean, option: string, wanted: string): void {
  if (!good) throw new SluiceError('job-invalid', `readApi: ${option} must be ${wanted}.`, { context: { option } })
}

const MOST_CONCURRENCY = 64
const DEFAULT_PAGE_BYTES = 32 << 20
/** Beyond this, a page is longer than a string can be. */
const MOST_PAGE_BYTES = 256 << 20
