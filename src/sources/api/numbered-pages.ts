import { SluiceError } from '../../errors.ts'
import { checkPath, type FieldPath, pathText, valueAt } from './field-path.ts'
import type { Page } from './page.ts'
import type { ByOffset, ByPage, Pagination } from './pagination.ts'

/**
 * Pages by offset or number. A short page is no end, for a server may give less than it was asked for; only an empty one
 * is, or the total.
 */
export function numberedPages(options: ByOffset | ByPage): Pagination {
  checkNumbers(options)
  const counting = options.by === 'offset' ? byOffset(options) : byPage(options)
  const { total } = options
  return {
    numbered: true,
    // Of so many pages some may have no rows, but so many rows stand on pages that have some.
    endsEmpty: options.by === 'offset' || options.totalPages === undefined,
    first: (url) => counting.at(url, 0, 0),
    next: (page) => {
      if (page.rows.length === 0) return undefined
      return counting.at(page.url, page.number, counting.before(page) + page.rows.length)
    },
    rest: (first) => restOf(first, options, counting),
    checkEnd: (rows, first, last) => {
      if (total === undefined) return
      checkTotal(rows, totalAt(first, total))
      checkTotal(rows, totalAt(last, total))
    },
  }
}

/** What differs between the two. */
interface Counting {
  /** The page behind so many pages, behind so many rows. */
  at(url: URL, pages: number, rows: number): URL
  /** How many rows stand before a page, as far as its address tells. */
  before(page: Page): number
}

function byOffset({ limit, offsetParam = 'offset', limitParam = 'limit' }: ByOffset): Counting {
  return {
    at: (url, _pages, rows) => withParams(url, { [offsetParam]: rows, [limitParam]: limit }),
    before: ({ url }) => Number(url.searchParams.get(offsetParam) ?? 0),
  }
}

function byPage({ param = 'page', first = 1, limit, limitParam = 'per_page' }: ByPage): Counting {
  const size = limit === undefined ? {} : { [limitParam]: limit }
  return { at: (url, pages) => withParams(url, { [param]: first + pages, ...size }), before: () => 0 }
}

function withParams(url: URL, params: Readonly<Record<string, number>>): URL {
  const copy = new URL(url)
  for (const [name, value] of Object.entries(params)) copy.searchParams.set(name, String(value))
  return copy
}

/** What the first page gave is what a page holds: a server may give less than it was asked for. */
function restOf(first: Page, options: ByOffset | ByPage, counting: Counting): Iterable<URL> | undefined {
  const size = first.rows.length
  const pages = pageCount(first, options)
  if (pages === undefined) return undefined
  return (function* () {
    for (let page = 1; page < pages; page++) yield counting.at(first.url, page, page * size)
  })()
}

function pageCount(first: Page, options: ByOffset | ByPage): number | undefined {
  if (options.by === 'page' && options.totalPages !== undefined) return totalAt(first, options.totalPages)
  if (options.total === undefined) return undefined
  const rows = first.rows.length
  return rows === 0 ? 1 : Math.ceil(totalAt(first, options.total) / rows)
}

function totalAt(page: Page, path: FieldPath): number {
  const total = Number(valueAt(page.body, path) ?? Number.NaN)
  if (Number.isSafeInteger(total) && total >= 0) return total
  const text = `Page ${page.number} says no total at ${pathText(path)}. Correct the path, or leave the total out.`
  throw new SluiceError('source-failed', text)
}

/** What was added or deleted in between has shifted the pages: a row may be missing, another there twice. */
function checkTotal(rows: number, total: number): void {
  if (rows === total) return
  const text = `The pages held ${rows} rows, and the API says that there are ${total}: it changed while it was read.`
  const fix = 'Run again. If the total is only an estimate, leave `total` out.'
  throw new SluiceError('source-changed', `${text} ${fix}`, { retryable: true })
}

function checkNumbers(options: ByOffset | ByPage): void {
  const { limit, total } = options
  const wanted = options.by === 'offset' || limit !== undefined
  if (wanted && !(Number.isSafeInteger(limit) && (limit as number) > 0)) {
    throw new SluiceError('job-invalid', 'readApi: paginate.limit must be a whole number above 0.')
  }
  if (total !== undefined) checkPath(total, 'paginate.total')
  if (options.by === 'page' && options.totalPages !== undefined) checkPath(options.totalPages, 'paginate.totalPages')
}
