import { createHash } from 'node:crypto'
import { SluiceError } from '../../errors.ts'
import { abortable } from '../../storage/abortable.ts'
import { LoopGuard } from './loop-guard.ts'
import type { Page } from './page.ts'
import type { Pagination } from './pagination.ts'

export interface PulledPage extends Page {
  /** The bytes of its body. */
  readonly raw: Buffer
}

type Pages = AsyncGenerator<PulledPage, void, void>

export interface PagesOptions {
  readonly url: URL
  readonly pagination: Pagination
  /** Requests under way at a time. */
  readonly concurrency: number
  readonly allowRepeatedPages: boolean
  readonly signal: AbortSignal
  /** An address for people. */
  shown(url: URL): string
  fetch(url: URL, number: number): Promise<PulledPage>
}

/**
 * All pages in their order. While one is worked on, the next is on its way: one, or as many as `concurrency` allows
 * where the first page tells all the others.
 */
export async function* readPages(options: PagesOptions): Pages {
  const { pagination, url, fetch, shown, allowRepeatedPages } = options
  const repeats = pagination.numbered && !allowRepeatedPages ? new RepeatGuard(shown) : undefined
  const address = pagination.first(url)
  const first = await fetch(address, 1)
  const rest = pagination.rest?.(first)
  let rows = 0
  let last = first
  for await (const page of rest === undefined ? oneAhead(first, options) : sideBySide(first, rest, options)) {
    repeats?.check(page)
    rows += page.rows.length
    last = page
    yield page
    if (pagination.endsEmpty && page.rows.length === 0) break
  }
  pagination.checkEnd?.(rows, first, last)
}

async function* oneAhead(first: PulledPage, { pagination, signal, fetch, shown }: PagesOptions): Pages {
  const guard = new LoopGuard()
  guard.seen(first.url.href)
  let page = first
  for (;;) {
    // A function of the user may wait for what never comes.
    const url = await abortable(Promise.resolve(pagination.next(page)), signal)
    if (url === undefined) return yield page
    const before = guard.seen(url.href)
    if (before !== undefined) throw goesRound(page, shown(url), before)
    const next = quiet(fetch(url, page.number + 1))
    yield page
    page = await next
  }
}

async function* sideBySide(first: PulledPage, rest: Iterable<URL>, { concurrency, fetch }: PagesOptions): Pages {
  const addresses = rest[Symbol.iterator]()
  const ahead: Promise<PulledPage>[] = []
  let number = first.number
  const fill = () => {
    while (ahead.length < concurrency) {
      const { done, value } = addresses.next()
      if (done) return
      ahead.push(quiet(fetch(value, ++number)))
    }
  }
  fill()
  yield first
  for (;;) {
    const next = ahead.shift()
    if (next === undefined) return
    const page = await next
    fill()
    yield page
  }
}

/** A failure is told when the page's turn comes; until then nobody waits for it. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

function goesRound(page: PulledPage, address: string, before: number): SluiceError {
  const text = `${address}: page ${page.number} leads back to page ${before}. The pages go round in circles.`
  const fix = 'Check `paginate`, or ask whoever runs the API.'
  return new SluiceError('source-failed', `${text} ${fix}`, { context: { url: address } })
}

/** Notices that the API ignores the parameter that turns pages, before it goes on for ever. */
class RepeatGuard {
  readonly #shown: (url: URL) => string
  #last = ''

  constructor(shown: (url: URL) => string) {
    this.#shown = shown
  }

  check({ raw, rows, number, url }: PulledPage): void {
    if (rows.length === 0) return
    const digest = createHash('sha256').update(raw).digest('base64')
    if (digest === this.#last) {
      const address = this.#shown(url)
      const text = `${address}: page ${number} is the same as the one before, byte for byte.`
      const fix =
        'Does the API know the parameters of `paginate`? If its pages may be alike, set `allowRepeatedPages: true`.'
      throw new SluiceError('source-failed', `${text} ${fix}`, { context: { url: address } })
    }
    this.#last = digest
  }
}
