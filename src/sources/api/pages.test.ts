import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { type PulledPage, readPages } from './pages.ts'
import { paginationOf } from './paginate.ts'
import type { Paginate } from './pagination.ts'

const PAGES = 9

/** Takes page after page, and notes which ones were asked for by then. */
async function askedWhileTaken(paginate: Paginate, concurrency: number): Promise<readonly number[]> {
  let asked = 0
  const fetch = async (url: URL, number: number): Promise<PulledPage> => {
    asked++
    const link: Record<string, string> = number < PAGES ? { link: `<?at=${number}>; rel=next` } : {}
    return {
      number,
      url,
      base: url,
      headers: link,
      body: { pages: PAGES },
      rows: [number],
      raw: Buffer.from(`${number}`),
    }
  }
  const options = { url: new URL('http://a/'), pagination: paginationOf(paginate), concurrency, fetch }
  const { signal } = new AbortController()
  const counts: number[] = []
  for await (const page of readPages({ ...options, signal, allowRepeatedPages: false, shown: String })) {
    await turn()
    assert.equal(page.number, counts.length + 1)
    counts.push(asked)
  }
  return counts
}

describe('pages', () => {
  it('are fetched one ahead where only the page before names the next, whatever the concurrency', async () => {
    for (const concurrency of [1, 4]) {
      assert.deepEqual(await askedWhileTaken({ by: 'link' }, concurrency), [2, 3, 4, 5, 6, 7, 8, 9, 9])
    }
  })

  it('are fetched as many ahead as may be where the first one tells them all', async () => {
    const paginate = { by: 'page', totalPages: 'pages' } as const
    assert.deepEqual(await askedWhileTaken(paginate, 1), [2, 3, 4, 5, 6, 7, 8, 9, 9])
    assert.deepEqual(await askedWhileTaken(paginate, 3), [4, 5, 6, 7, 8, 9, 9, 9, 9])
  })
})
