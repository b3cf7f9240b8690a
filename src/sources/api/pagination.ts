import type { FieldPath } from './field-path.ts'
import type { Page } from './page.ts'

/** Where the next page is: an address, parameters for the query of this one, or nothing at the end. */
export type NextPage = string | URL | Readonly<Record<string, string | number>> | null | undefined

export type Paginate =
  /** By the `Link` field with `rel="next"` (RFC 8288), or by an address in the body at `path`. */
  | { readonly by: 'link'; readonly path?: FieldPath }
  /** By a value in the body at `path`, sent back as the parameter `param`. With `more`, false or nothing there ends it. */
  | { readonly by: 'cursor'; readonly path: FieldPath; readonly param: string; readonly more?: FieldPath }
  | ByOffset
  | ByPage
  | ((page: Page) => NextPage | Promise<NextPage>)

/** By the number of rows before: ends with an empty page, or at `total`. */
export interface ByOffset {
  readonly by: 'offset'
  /** Rows that are asked for at a time. */
  readonly limit: number
  /** Default `offset`. */
  readonly offsetParam?: string
  /** Default `limit`. */
  readonly limitParam?: string
  /** Where the body says how many rows there are: then pages may be fetched side by side. */
  readonly total?: FieldPath
}

/** By the number of the page: ends with an empty page, or at `total` or `totalPages`. */
export interface ByPage {
  readonly by: 'page'
  /** Default `page`. */
  readonly param?: string
  /** Default 1. */
  readonly first?: number
  /** Rows that are asked for at a time; default what the API chooses. */
  readonly limit?: number
  /** Default `per_page`. */
  readonly limitParam?: string
  /** Where the body says how many rows there are. */
  readonly total?: FieldPath
  /** Where the body says how many pages there are. */
  readonly totalPages?: FieldPath
}

/** The way through the pages of one pull. */
export interface Pagination {
  first(url: URL): URL
  /** The page behind this one; undefined at the end. */
  next(page: Page): URL | undefined | Promise<URL | undefined>
  /** All pages behind the first one, if that tells. */
  rest?(first: Page): Iterable<URL> | undefined
  /** Whether a page without rows is the last, also where the first one told of more. */
  readonly endsEmpty?: boolean
  /** Throws when the rows are not as many as the pages said. */
  checkEnd?(rows: number, first: Page, last: Page): void
  /** Whether a page that is the same as the one before, byte for byte, means that the API does not turn pages. */
  readonly numbered: boolean
}
