import type { Dispatcher } from 'undici'
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
  return {
    url,
    auth: auths,
    headers: lowerCase(options.headers ?? {}),
    pagination: paginationOf(options.paginate),
    rows,
    retry: { ...DEFAULT_RETRY, ...options.retry },
    rateLimit,
    concurrency,
    timeouts: { connect: 10_000, response: 60_000, idle: 30_000, ...options.timeoutMs },
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

function lowerCase(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

const DEFAULT_PAGE_BYTES = 32 << 20
