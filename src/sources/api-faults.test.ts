import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import type { ApiOptions } from './api/options.ts'
import { type Answer, apiServer, csvOf, cutOff, done, items, json, status, threePages } from './testing/api-server.ts'
import { fastClock, pullToCsv } from './testing/pull-to-csv.ts'

const QUICK = { paginate: { by: 'link' }, timeoutMs: { connect: 300, response: 300, idle: 300 } } as const
interface Hiccup {
  readonly title: string
  readonly spoil: (response: ServerResponse) => unknown
}

const PASSING: readonly Hiccup[] = [
  ...[408, 429, 502, 503, 504].map((code) => ({
    title: `answers ${code}`,
    spoil: (response: ServerResponse) => status(response, code),
  })),
  { title: 'resets the connection', spoil: (response) => response.socket?.resetAndDestroy() },
  { title: 'closes the connection', spoil: (response) => response.socket?.end() },
  { title: 'resets in mid-body', spoil: (response) => cutOff(response, items(0, 500), 2000) },
  {
    title: 'ends a body without a length too early',
    spoil: (response) => {
      response.useChunkedEncodingByDefault = false
      response.shouldKeepAlive = false
      response.writeHead(200, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify(items(0, 500)).slice(0, 2000))
    },
  },
  { title: 'never answers', spoil: () => {} },
  {
    title: 'stalls in mid-body',
    spoil: (response) => void response.writeHead(200, { 'content-type': 'application/json' }).write('[{"id":1,'),
  },
  {
    title: 'cuts off a compressed body',
    spoil: (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      response.end(Buffer.from('1f8b0800000000000003', 'hex'))
    },
  },
  { title: 'speaks no HTTP', spoil: (response) => response.socket?.end('Hello?\r\n\r\n') },
]

describe('an API that fails once', () => {
  for (const { title, spoil } of PASSING) {
    it(`and ${title} is asked for that page again, and for no other`, async () => {
      await using server = await apiServer(
        threePages((page, time, response) => page === 2 && time === 1 && done(spoil(response))),
      )
      const clock = fastClock()
      const { output, error, events } = await pullToCsv({ url: server.origin, ...QUICK }, { clock })
      assert.equal(error?.message, undefined)
      assert.equal(output, csvOf(items(0, 30)))
      assert.deepEqual(server.paths, ['/', '/?page=2', '/?page=2', '/?page=3'])
      assert.deepEqual(clock.slept, [250])
      assert.equal(events.filter(({ type }) => type === 'ReadRetried').length, 1)
    })
  }

  it('is given the time that it asks for, in seconds or by a date', async () => {
    const date = () => new Date(Math.ceil(Date.now() / 1000) * 1000 + 60_000).toUTCString()
    for (const [field, least, most] of [
      ['7', 7000, 7000],
      [date(), 58_000, 62_000],
      ['soon', 250, 250],
    ] as const) {
      await using server = await apiServer(
        threePages(
          (page, time, response) => page === 3 && time === 1 && done(status(response, 429, { 'retry-after': field })),
        ),
      )
      const clock = fastClock()
      const { output } = await pullToCsv({ url: server.origin, ...QUICK }, { clock })
      assert.equal(output, csvOf(items(0, 30)))
      const waited = clock.slept.reduce((sum, one) => sum + one, 0)
      assert.ok(waited >= least && waited <= most, `${field}: ${waited}`)
    }
  })
})

interface Fault {
  readonly title: string
  readonly spoil: (response: ServerResponse) => unknown
  readonly options?: Partial<ApiOptions>
  readonly code: string
  readonly message: RegExp
  readonly times: number
}

const send =
  (body: string | Buffer, type = 'application/json') =>
  (response: ServerResponse) =>
    response.writeHead(200, { 'content-type': type }).end(body)

const LASTING: readonly Fault[] = [
  {
    title: 'answers 503',
    spoil: (response) => status(response, 503),
    code: 'source-failed',
    message: /\/\?page=2: page 2 answered HTTP 503 Service Unavailable \(asked 5 times\)/,
    times: 5,
  },
  {
    title: 'asks for more time than there is',
    spoil: (response) => status(response, 429, { 'retry-after': '86400' }),
    code: 'source-failed',
    message: /asked 1 time in [\d.]+ s; 86400 s more exceed `retry\.maxTimeMs`, 300 s/,
    times: 1,
  },
  {
    title: 'resets in mid-body',
    spoil: (response) => cutOff(response, items(0, 500), 2000),
    code: 'source-failed',
    message: /page 2 (closed|reset) the connection.*asked 5 times/,
    times: 5,
  },
  {
    title: 'answers 500',
    spoil: (response) => status(response, 500),
    code: 'source-failed',
    message: /page 2 answered HTTP 500 Internal Server Error: \{"error":"as the test wants"\}/,
    times: 1,
  },
  {
    title: 'answers 404',
    spoil: (response) => status(response, 404),
    code: 'source-not-found',
    message: /page 2 answered HTTP 404 Not Found/,
    times: 1,
  },
  {
    title: 'answers 401',
    spoil: (response) => status(response, 401),
    code: 'source-unauthorized',
    message: /page 2 refused the credentials with HTTP 401 Unauthorized\. Check the secrets/,
    times: 1,
  },
  {
    title: 'sends wrong JSON',
    spoil: send('[{"id": 1,\n "name": oops}]'),
    code: 'source-failed',
    message: /page 2 sent what is no JSON from position 20 \(line 2, column 10\) on\./,
    times: 1,
  },
  {
    title: 'sends a page for people',
    spoil: send('<html>Log in</html>', 'text/html; charset=utf-8'),
    code: 'source-failed',
    message: /page 2 is text\/html, not JSON\. Is this the address of the API/,
    times: 1,
  },
  {
    title: 'sends what is no UTF-8',
    spoil: send(Buffer.from('5b22ff225d', 'hex')),
    code: 'source-failed',
    message: /page 2 is not UTF-8/,
    times: 1,
  },
  {
    title: 'sends rows elsewhere',
    spoil: send('{"items":[],"more":false}'),
    code: 'source-failed',
    message: /Page 2 has no array of rows\. Perhaps `rows: 'items'`\./,
    times: 1,
  },
  {
    title: 'sends a huge page',
    spoil: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      const more = () => {
        while (!response.destroyed)
          if (!response.write('[1,2,3],'.repeat(4096))) return void response.once('drain', more)
      }
      more()
    },
    options: { maxPageBytes: 100_000 },
    code: 'source-failed',
    message: /page 2 sent a page of more than 100000 bytes\. Ask for smaller pages/,
    times: 1,
  },
  {
    title: 'redirects for ever',
    spoil: (response) => response.writeHead(302, { location: '?page=2' }).end(),
    code: 'source-failed',
    message: /page 2 redirects more than 5 times/,
    times: 6,
  },
]

describe('an API that fails for good', () => {
  for (const { title, spoil, options, code, message, times } of LASTING) {
    it(`and ${title} ends the run, with the page, the reason and the fix`, async () => {
      await using server = await apiServer(threePages((page, _time, response) => page === 2 && done(spoil(response))))
      const pulled = await pullToCsv({ url: server.origin, ...QUICK, ...options }, { clock: fastClock() })
      assert.match(String(pulled.error?.message), message)
      assert.equal(pulled.error?.code, code)
      assert.equal(pulled.output, undefined)
      assert.equal(server.paths.filter((path) => path === '/?page=2').length, times)
    })
  }

  it('and asks for more time than there is does not hold back the page before, which would never say so', async () => {
    let told: () => void
    const asked = new Promise<void>((resolve) => {
      told = resolve
    })
    await using server = await apiServer(async ({ url, time }, response) => {
      const page = Number(url.searchParams.get('page'))
      if (page === 3) {
        response.once('finish', told)
        return status(response, 429, { 'retry-after': '9999999999' })
      }
      if (page === 2 && time === 1) {
        await asked
        return status(response, 503)
      }
      json(response, { pages: 3, data: items(page, page + 1) })
    })
    const paginate = { by: 'page', totalPages: 'pages' } as const
    const options = { url: server.origin, paginate, rows: 'data', concurrency: 3, retry: { firstDelayMs: 100 } }
    const { error } = await pullToCsv(options, { signal: AbortSignal.timeout(5000) })
    assert.match(String(error?.message), /page 3 answered HTTP 429 .* 9999999999 s more exceed `retry\.maxTimeMs`/)
  })

  it('and is not there at all is told so', async () => {
    const gone = await apiServer(() => {})
    await gone[Symbol.asyncDispose]()
    const { error } = await pullToCsv({ url: gone.origin, retry: { attempts: 2 } }, { clock: fastClock() })
    assert.match(String(error?.message), /page 1 refused the connection \(asked 2 times\)/)
    assert.equal(error?.retryable, true)
  })
})

describe('pages that lead astray', () => {
  const loops: readonly [string, Answer][] = [
    ['themselves', (_, response) => json(response, items(0, 1), { link: '</>; rel=next' })],
    [
      'an earlier one',
      ({ url }, response) => {
        const page = Number(url.searchParams.get('page') ?? 0)
        json(response, items(page, page + 1), { link: `</?page=${(page % 5) + 1}>; rel=next` })
      },
    ],
  ]
  for (const [title, answer] of loops) {
    it(`to ${title} end the run`, async () => {
      await using server = await apiServer(answer)
      const { error, output } = await pullToCsv({ url: server.origin, paginate: { by: 'link' } })
      assert.match(String(error?.message), /leads back to page \d+\. The pages go round in circles/)
      assert.equal(output, undefined)
    })
  }

  it('since the API ignores their number end the run, unless they may be alike', async () => {
    await using server = await apiServer(({ url }, response) => {
      json(response, Number(url.searchParams.get('page')) < 4 ? items(0, 2) : [])
    })
    const options = { url: server.origin, paginate: { by: 'page' } } as const
    const { error } = await pullToCsv(options)
    assert.match(String(error?.message), /page 2 is the same as the one before, byte for byte\. Does the API know/)
    const { output } = await pullToCsv({ ...options, allowRepeatedPages: true })
    assert.equal(output, csvOf([...items(0, 2), ...items(0, 2), ...items(0, 2)]))
  })

  it('since rows came or went in between end the run', async () => {
    const paginate = { by: 'offset', limit: 10, total: 'total' } as const
    for (const [rows, last] of [
      [24, 24],
      [25, 26],
      [24, 25],
    ] as const) {
      await using server = await apiServer(({ url }, response) => {
        const at = Number(url.searchParams.get('offset'))
        json(response, { total: at < 20 ? 25 : last, data: items(at, Math.min(at + 10, rows)) })
      })
      const { error } = await pullToCsv({ url: server.origin, paginate, rows: 'data' })
      assert.equal(error?.code, 'source-changed')
      assert.match(
        String(error?.message),
        /^http:.*: The pages held \d+ rows, and the API says that there are \d+: it changed/,
      )
    }
  })
})
