import { SluiceError } from '../../errors.ts'
import { checkPath, type FieldPath, pathText, valueAt } from './field-path.ts'
import { linkTarget } from './link-header.ts'
import { numberedPages } from './numbered-pages.ts'
import type { Page } from './page.ts'
import type { NextPage, Paginate, Pagination } from './pagination.ts'

/** Throws `job-invalid`. */
export function paginationOf(paginate: Paginate | undefined): Pagination {
  if (paginate === undefined) return byFunction(() => undefined)
  if (typeof paginate === 'function') return byFunction(paginate)
  switch (paginate.by) {
    case 'link':
      return byLink(paginate)
    case 'cursor':
      return byCursor(paginate)
    case 'offset':
    case 'page':
      return numberedPages(paginate)
    default:
      throw new SluiceError('job-invalid', 'readApi: paginate must be by link, cursor, offset or page, or a function.')
  }
}

/** For the fingerprint: a function counts by its text. */
export function describePaginate(paginate: Paginate | undefined): unknown {
  return typeof paginate === 'function' ? String(paginate) : (paginate ?? null)
}

function byFunction(fn: (page: Page) => NextPage | Promise<NextPage>): Pagination {
  return {
    first: (url) => url,
    next: async (page) => target(page, await call(fn, page)),
    numbered: false,
  }
}

async function call(fn: (page: Page) => NextPage | Promise<NextPage>, page: Page): Promise<NextPage> {
  try {
    return await fn(page)
  } catch (error) {
    const text = `The function paginate threw on page ${page.number}: ${(error as Error)?.message}`
    throw new SluiceError('source-failed', text, { cause: error })
  }
}

function byLink({ path }: { readonly path?: FieldPath }): Pagination {
  if (path !== undefined) checkPath(path, 'paginate.path')
  const nextOf = ({ headers, body }: Page) =>
    path === undefined ? linkTarget(headers['link'] ?? '', 'next') : textAt(body, path)
  return { first: (url) => url, next: (page) => target(page, nextOf(page)), numbered: false }
}

function byCursor({ path, param, more }: Extract<Paginate, { by: 'cursor' }>): Pagination {
  checkPath(path, 'paginate.path')
  if (more !== undefined) checkPath(more, 'paginate.more')
  if (typeof param !== 'string' || param === '')
    throw new SluiceError('job-invalid', 'readApi: paginate.param is missing.')
  const next = (page: Page) => {
    const promised = more === undefined ? undefined : truthAt(page, more)
    if (promised === false) return undefined
    const cursor = textAt(page.body, path)
    if (cursor !== undefined) return target(page, { [param]: cursor })
    if (promised === undefined) return undefined
    throw contradiction(
      page,
      `${pathText(more as FieldPath)} says that there are more, but nothing at ${pathText(path)} where`,
    )
  }
  return { first: (url) => url, next, numbered: false }
}

/** Nothing there means no. What is neither true nor false means nobody knows what, and could end the pages too early. */
function truthAt(page: Page, path: FieldPath): boolean {
  const value = valueAt(page.body, path) ?? false
  if (typeof value === 'boolean') return value
  throw contradiction(page, `what stands at ${pathText(path)} is neither true nor false`)
}

function contradiction({ number }: Page, what: string): SluiceError {
  return new SluiceError(
    'source-failed',
    `paginate: on page ${number} ${what}. Correct \`paginate\`, or let it be a function.`,
  )
}

/** The text or number at a path; undefined for what means that there is none. */
function textAt(body: unknown, path: FieldPath): string | undefined {
  const value = valueAt(body, path)
  if (value === undefined || value === null || value === '' || value === false) return undefined
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return String(value)
  throw new SluiceError('source-failed', `paginate: what stands at ${pathText(path)} is neither text nor number.`)
}

function target(page: Page, next: NextPage): URL | undefined {
  if (next === undefined || next === null || next === '') return undefined
  if (typeof next === 'object' && !(next instanceof URL)) {
    const url = new URL(page.url)
    for (const [name, value] of Object.entries(next)) url.searchParams.set(name, String(value))
    return url
  }
  const url = URL.parse(String(next), page.base.href)
  if (url !== null) {
    // Not sent, so it makes no other page.
    url.hash = ''
    return url
  }
  throw new SluiceError('source-failed', `The next page that page ${page.number} names is no address.`)
}
