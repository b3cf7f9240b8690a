import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { z } from 'zod'
import type { ApiOptions } from './api/options.ts'
import { readApi } from './api.ts'
import { type Answer, apiServer, csvOf, items, json } from './testing/api-server.ts'
import { pullToCsv } from './testing/pull-to-csv.ts'

const ALL = items(0, 25)
const number = (url: URL, name: string, otherwise = 0) => Number(url.searchParams.get(name) ?? otherwise)
const slice = (from: number, count = 10) => ALL.slice(from, from + count)

interface Way {
  readonly title: string
  readonly answer: Answer
  readonly options: Omit<ApiOptions, 'url'>
  readonly requests: number
}

const WAYS: readonly Way[] = [
  {
    title: 'the only page',
    answer: (_, response) => json(response, ALL),
    options: {},
    requests: 1,
  },
  {
    title: 'the Link field',
    answer: ({ url }, response) => {
      const at = number(url, 'at')
      const next = `<?at=${at + 10}>; title="a, b; rel=next" ; rel="prev next" , </first>; rel=first`
      json(response, slice(at), at < 20 ? { link: next } : { link: '<?at=0>; rel=first' })
    },
    options: { paginate: { by: 'link' } },
    requests: 3,
  },
  {
    title: 'an address in the body',
    answer: ({ url }, response) => {
      const at = number(url, 'at')
      json(response, { links: { next: at < 20 ? `${url.origin}/items?at=${at + 10}` : null }, data: slice(at) })
    },
    options: { paginate: { by: 'link', path: 'links.next' }, rows: 'data' },
    requests: 3,
  },
  {
    title: 'a cursor',
    answer: ({ url }, response) => {
      const at = number(url, 'cursor')
      json(response, { meta: { next: at < 20 ? String(at + 10) : '' }, data: { items: slice(at) } })
    },
    options: { paginate: { by: 'cursor', path: 'meta.next', param: 'cursor' }, rows: 'data.items' },
    requests: 3,
  },
  {
    title: 'a cursor that never ends, with a field that says so',
    answer: ({ url }, response) => {
      const at = number(url, 'after')
      json(response, { cursor: at + 10, has_more: at < 20, data: slice(at) })
    },
    options: { paginate: { by: 'cursor', path: 'cursor', param: 'after', more: 'has_more' }, rows: 'data' },
    requests: 3,
  },
  {
    title: 'an offset, up to an empty page',
    answer: ({ url }, response) => json(response, slice(number(url, 'offset'), number(url, 'limit'))),
    options: { paginate: { by: 'offset', limit: 10 } },
    requests: 4,
  },
  {
    title: 'an offset, though the server gives less than it is asked for',
    answer: ({ url }, response) => json(response, slice(number(url, 'offset'), 7)),
    options: { paginate: { by: 'offset', limit: 100 } },
    requests: 5,
  },
  {
    title: 'a relative link of a page that was redirected',
    answer: ({ url }, response) => {
      if (url.pathname === '/items') return void response.writeHead(301, { location: '/v2/list/0' }).end()
      const page = Number(url.pathname.replace('/v2/list/', ''))
      json(response, slice(page * 10), page < 2 ? { link: `<${page + 1}>; rel=next` } : {})
    },
    options: { paginate: { by: 'link' } },
    requests: 4,
  },
  {
    title: 'an offset, up to the total, though the server gives less',
    answer: ({ url }, response) => json(response, { total: 25, data: slice(number(url, 'skip'), 7) }),
    options: {
      paginate: { by: 'offset', limit: 100, offsetParam: 'skip', limitParam: 'take', total: 'total' },
      rows: 'data',
      concurrency: 3,
    },
    requests: 4,
  },
  {
    title: 'the number of the page, up to an empty one',
    answer: ({ url }, response) => json(response, slice((number(url, 'page') - 1) * 10)),
    options: { paginate: { by: 'page' } },
    requests: 4,
  },
  {
    title: 'the number of the page, up to the last one',
    answer: ({ url }, response) =>
      json(response, { pages: 3, data: slice(number(url, 'p') * 10, number(url, 'size')) }),
    options: {
      paginate: { by: 'page', param: 'p', first: 0, limit: 10, limitParam: 'size', totalPages: 'pages' },
      rows: ['data'],
      concurrency: 8,
    },
    requests: 3,
  },
  {
    title: 'a function that names parameters',
    answer: ({ url }, response) => {
      const after = url.searchParams.get('starting_after')
      json(response, {
        has_more: number(url, 'starting_after') < 19,
        data: slice(after === null ? 0 : Number(after) + 1),
      })
    },
    options: {
      paginate: ({ body, rows }) =>
        (body as { has_more: boolean }).has_more ? { starting_after: (rows.at(-1) as { id: number }).id } : undefined,
      rows: (body: { data: unknown[] }) => body.data,
    },
    requests: 3,
  },
]

describe('readApi', () => {
  for (const { title, answer, options, requests } of WAYS) {
    it(`reads all rows once and in order by ${title}`, async () => {
      await using server = await apiServer(answer)
      const { output, error, report } = await pullToCsv({ url: `${server.origin}/items`, ...options })
      assert.equal(error, undefined)
      assert.equal(output, csvOf(ALL))
      assert.equal(server.asked.length, requests, server.paths.join(' '))
      assert.equal(report?.rows.loaded, 25)
    })
  }

  it('keeps the order though later pages come first, with no more requests under way than it may', async () => {
    let now = 0
    let most = 0
    const all = items(0, 200)
    await using server = await apiServer(async ({ url }, response) => {
      most = Math.max(most, ++now)
      const at = number(url, 'offset')
      await new Promise((wake) => setTimeout(wake, at === 0 ? 0 : 5 + ((at * 7) % 30)))
      now--
      json(response, { total: 200, data: all.slice(at, at + 10) })
    })
    const paginate = { by: 'offset', limit: 10, total: 'total' } as const
    const { output } = await pullToCsv({ url: server.origin, paginate, rows: 'data', concurrency: 4 })
    assert.equal(output, csvOf(all))
    assert.equal(most, 4)
  })

  it('tells the digest and the size of all bodies, whatever their compression', async () => {
    const bodies = [items(0, 3), items(3, 5)].map((rows) => JSON.stringify(rows))
    await using server = await apiServer(({ url }, response) => {
      const at = number(url, 'page', 1) - 1
      const link: Record<string, string> = at === 0 ? { link: '<?page=2>; rel="next"' } : {}
      response.writeHead(200, {
        'content-type': 'application/vnd.x+json; charset=utf-8',
        'content-encoding': 'gzip',
        ...link,
      })
      response.end(gzipSync(bodies[at] as string))
    })
    const { report, output } = await pullToCsv({ url: server.origin, paginate: { by: 'link' } })
    assert.equal(output, csvOf(items(0, 5)))
    const [source] = report?.source ?? []
    assert.equal(source?.sha256, createHash('sha256').update(bodies.join('')).digest('hex'))
    assert.deepEqual([source?.bytes, source?.records], [bodies.join('').length, 5])
    assert.equal(source?.source, `${server.origin}/`)
  })

  it('keeps long identifiers, makes JSON of what is nested and null of what is missing', async () => {
    const text =
      '[{"id":9007199254740993,"tags":["a",{"b":1}],"x":1.5,"ok":true},{"id":-2,"x":null,"tags":{"__proto__":1}}]'
    await using server = await apiServer((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end(text)
    })
    const { output } = await pullToCsv({ url: server.origin })
    assert.equal(output, 'id,tags,x,ok\n9007199254740993,"[""a"",{""b"":1}]",1.5,true\n-2,"{""__proto__"":1}",,\n')
  })

  it('picks named columns, and rejects rows with others when none are named', async () => {
    const rows = [...items(0, 1100), { id: 1100, name: 'late', more: 1 }, 'no row', [1]]
    await using server = await apiServer((_, response) => json(response, rows))
    const named = await pullToCsv({ url: server.origin, columns: ['name'] }, { onInvalid: 'quarantine' })
    assert.equal(named.report?.rows.loaded, 1101)
    const open = await pullToCsv({ url: server.origin }, { onInvalid: 'quarantine' })
    assert.deepEqual(
      open.letters.map(({ row, errors }) => [row, (errors as { message: string }[])[0]?.message]),
      [
        [1101, 'the row has a column "more" that the first rows had not; name all `columns`'],
        [1102, 'the row is no object'],
        [1103, 'the row is an array, no object'],
      ],
    )
    const flat = await pullToCsv({ url: server.origin, nested: 'reject', rows: () => [{ a: { b: 1 } }] })
    assert.match(
      String(flat.letters[0]?.['errors'] && JSON.stringify(flat.letters[0]['errors'])),
      /column \\"a\\": it holds an object/,
    )
  })

  it('keeps rows for the letters of those that only the judge can reject', async () => {
    const rows = [...items(0, 3), { id: 1, name: 'again' }]
    await using server = await apiServer((_, response) => json(response, rows))
    const options = { validate: { uniqueColumns: ['id'] }, onInvalid: 'quarantine' } as const
    const { output, letters } = await pullToCsv({ url: server.origin }, options)
    assert.equal(output, csvOf(items(0, 3)))
    assert.deepEqual(
      letters.map(({ row, raw }) => [row, raw]),
      [[4, JSON.stringify(rows[3])]],
    )
  })

  it('casts and judges by a schema, whose columns are the columns', async () => {
    const rows = [
      { id: 1, name: 'a', since: '2026-01-02', more: {} },
      { id: '2', name: null, since: '2026-01-03' },
      { id: 'three', name: 'c', since: 'yesterday' },
    ]
    await using server = await apiServer((_, response) => json(response, rows))
    const schema = z.object({ id: z.number(), since: z.date(), name: z.string().nullable() })
    const { output, letters } = await pullToCsv({ url: server.origin, schema }, { onInvalid: 'quarantine' })
    assert.equal(output, 'id,since,name\n1,2026-01-02T00:00:00Z,a\n2,2026-01-03T00:00:00Z,\n')
    assert.deepEqual(
      letters.map(({ row, errors }) => [row, (errors as { code: string }[]).map(({ code }) => code)]),
      [[3, ['type-error', 'type-error']]],
    )
  })

  it('reads an API without rows when that is allowed', async () => {
    await using server = await apiServer((_, response) => response.writeHead(204).end() as never)
    assert.equal((await pullToCsv({ url: server.origin })).error?.code, 'empty-source')
    const allowed = await pullToCsv({ url: server.origin, allowEmpty: true, columns: ['id', 'name'] })
    assert.equal(allowed.output, 'id,name\n')
  })

  it('refuses options that make no sense when the job is defined', () => {
    const url = 'https://example.org'
    for (const [options, message] of [
      [{ url, paginated: 1 }, /there is no option "paginated"; did you mean "paginate"/],
      [{ url, concurrency: 0 }, /concurrency must be a whole number from 1 to 64/],
      [{ url, retry: { attemps: 3 } }, /retry: there is no option "attemps"; did you mean "attempts"/],
      [{ url, timeoutMs: { idle: 0 } }, /timeoutMs: idle must be a whole number from 1/],
      [{ url, headers: { a: 'b\n' } }, /headers must be texts by the names of header fields/],
      [{ url, auth: 'token' }, /auth must be such as bearer/],
      [{ url, paginate: { by: 'offset' } }, /paginate\.limit must be a whole number above 0/],
      [{ url: 'ftp://example.org' }, /must be an address that begins with https/],
    ] as const) {
      assert.throws(() => readApi(options as never), { code: 'job-invalid', message })
    }
  })

  it('asks nobody before it reads', async () => {
    await using server = await apiServer((_, response) => json(response, []))
    const source = readApi({ url: server.origin, query: { region: 'eu' } })
    const plan = await source.plan({} as never)
    assert.deepEqual([plan.splits.length, server.asked.length], [1, 0])
    assert.equal(source.description['url'], `${server.origin}/?region=eu`)
  })
})
