import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ApiOptions } from './api/options.ts'
import { apiServer, csvOf, items, json } from './testing/api-server.ts'
import { pullToCsv } from './testing/pull-to-csv.ts'

describe('an API that contradicts itself', () => {
  const cursor: Pick<ApiOptions, 'paginate' | 'rows'> = {
    paginate: { by: 'cursor', path: 'next', param: 'after', more: 'has_more' },
    rows: 'data',
  }

  for (const [title, end, message] of [
    [
      'more pages, but no cursor',
      { has_more: true, next: null },
      /on page 1 has_more says that there are more, but nothing at next where\. Correct/,
    ],
    [
      'more pages by a text',
      { has_more: 'true', next: 'b' },
      /on page 1 what stands at has_more is neither true nor false\. Correct/,
    ],
    ['more pages by a number', { has_more: 1, next: 'b' }, /what stands at has_more is neither true nor false/],
  ] as const) {
    it(`by ${title} does not pass for one that has ended`, async () => {
      await using server = await apiServer((_, response) => json(response, { data: items(0, 2), ...end }))
      const { error, output } = await pullToCsv({ url: server.origin, ...cursor })
      assert.equal(error?.code, 'source-failed')
      assert.match(String(error?.message), message)
      assert.equal(output, undefined)
    })
  }

  it('not, when it leaves out that there is no more', async () => {
    await using server = await apiServer((_, response) => json(response, { data: items(0, 2), next: 'b' }))
    const { output } = await pullToCsv({ url: server.origin, ...cursor })
    assert.equal(output, csvOf(items(0, 2)))
  })

  it('by a total beyond its rows ends the run, and is not asked for ever', async () => {
    await using server = await apiServer(({ url }, response) => {
      const at = Number(url.searchParams.get('offset'))
      json(response, { total: 1e9, data: items(at, Math.min(at + 2, 4)) })
    })
    const paginate = { by: 'offset', limit: 2, total: 'total' } as const
    const options = { url: server.origin, paginate, rows: 'data', concurrency: 4 }
    const { error } = await pullToCsv(options, { signal: AbortSignal.timeout(5000) })
    assert.equal(error?.code, 'source-changed')
    assert.match(String(error?.message), /The pages held 4 rows, and the API says that there are 1000000000/)
    assert.ok(server.asked.length <= 7, String(server.asked.length))
  })

  it('not by pages without rows among so many', async () => {
    await using server = await apiServer(({ url }, response) => {
      const page = Number(url.searchParams.get('page'))
      json(response, { pages: 4, data: page === 2 ? [] : items(page, page + 1) })
    })
    const paginate = { by: 'page', totalPages: 'pages' } as const
    const { output } = await pullToCsv({ url: server.origin, paginate, rows: 'data', concurrency: 2 })
    assert.equal(output, csvOf([...items(1, 2), ...items(3, 5)]))
  })

  it('by rows without any field does not replace what was there by nothing', async () => {
    await using server = await apiServer((_, response) => json(response, [{}, {}]))
    const { error, output } = await pullToCsv({ url: server.origin })
    assert.deepEqual([error?.code, output], ['source-failed', undefined])
    assert.match(String(error?.message), /rows without a single field\. Check `rows`, and what the credentials permit/)
    const named = await pullToCsv({ url: server.origin, columns: ['id', 'name'] })
    assert.equal(named.output, 'id,name\n,\n,\n')
  })
})
