import type { Dispatcher } from 'undici'
import type { ApiAuth } from './auth.ts'
import type { PickRows } from './page-rows.ts'
import type { Paginate } from './pagination.ts'
import type { RetryOptions } from './retry.ts'

export interface ApiOptions {
  /** Of the first page. */
  readonly url: string | URL
  /** Parameters for the query of the address. */
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** More header fields; secrets go into `auth`. */
  readonly headers?: Readonly<Record<string, string>>
  /** Who is asking: one way to show it, or several together. */
  readonly auth?: ApiAuth | readonly ApiAuth[]
  /** How to come to the next page; default: there is one page only. */
  readonly paginate?: Paginate
  /** Where the rows are in a page: a path such as `data.items`, or a function of its body. Default: it is an array. */
  readonly rows?: PickRows
  /** Names and order of the columns; others of the API are left out. Default: those of the schema, else of the first rows. */
  readonly columns?: readonly string[]
  /** What becomes of objects and arrays in a row: JSON text (default), or the row is rejected. */
  readonly nested?: 'json' | 'reject'
  readonly retry?: RetryOptions
  /** Requests per second at most; default as many as come. */
  readonly rateLimit?: number
  /** Requests under way at a time, where the first page tells all the others; default 1. */
  readonly concurrency?: number
  /** Until there is a connection (10,000), until the answer begins (60,000), between two parts of it (30,000). */
  readonly timeoutMs?: { readonly connect?: number; readonly response?: number; readonly idle?: number }
  /** Of one page without its compression; default 32 MiB. */
  readonly maxPageBytes?: number
  /** Further origins that next links and redirects may lead to, with the credentials. */
  readonly allowOrigins?: readonly (string | URL)[]
  /** Lets secrets go over http:// to other machines than this one; default false. */
  readonly allowHttp?: boolean
  /** Take a page for JSON, whatever it says it is; default false. */
  readonly anyContentType?: boolean
  /** Do not take a page that equals the one before for an API that ignores `paginate`; default false. */
  readonly allowRepeatedPages?: boolean
  /** Accept no rows at all; default false. */
  readonly allowEmpty?: boolean
  /** What dead letters and `_source` call it; default the address without its query. */
  readonly name?: string
  /** A dispatcher of undici in place of a pool of our own: for proxies and client certificates. */
  readonly dispatcher?: Dispatcher
}
