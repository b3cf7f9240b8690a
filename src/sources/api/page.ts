/** One answer of an API: what a function that turns pages may look at. */
export interface Page {
  /** Counted from 1. */
  readonly number: number
  /** Without what `auth` puts into the query. */
  readonly url: URL
  /** What relative addresses in it go by: where it came from after redirects. */
  readonly base: URL
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The parsed JSON. */
  readonly body: unknown
  readonly rows: readonly unknown[]
}
