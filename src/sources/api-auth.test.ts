import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { fromEnv } from '../config/secret.ts'
import { apiKey, basicAuth, bearer } from './api/auth.ts'
import { type OAuth2ClientCredentials, oauth2ClientCredentials } from './api/oauth2.ts'
import { readApi } from './api.ts'
import { type Answer, type ApiServer, type Asked, apiServer, csvOf, items, json, status } from './testing/api-server.ts'
import { fastClock, pullToCsv } from './testing/pull-to-csv.ts'

const PAGES = 6

interface OAuthServer {
  readonly answer: Answer
  /** Tokens that were given out. */
  readonly given: number
  revoke(): void
}

/** Gives out tokens and pages that need them. */
function oauthServer(
  options: {
    readonly life?: number
    /** In place of an answer with a page; true when it answered. */
    readonly onPage?: (asked: Asked, page: number, server: OAuthServer, response: ServerResponse) => boolean
    readonly onToken?: (asked: Asked, response: ServerResponse) => boolean
  } = {},
): OAuthServer {
  let given = 0
  let valid = ''
  const server: OAuthServer = {
    get given() {
      return given
    },
    revoke: () => {
      valid = ''
    },
    answer: (asked, response) => {
      const { url, headers } = asked
      if (url.pathname === '/token') {
        if (options.onToken?.(asked, response)) return
        valid = `token-${++given}`
        const life = options.life === undefined ? {} : { expires_in: options.life }
        return json(response, { access_token: valid, token_type: 'Bearer', ...life })
      }
      const page = Number(url.searchParams.get('page') ?? 0)
      if (options.onPage?.(asked, page, server, response)) return
      if (headers.authorization !== `Bearer ${valid}`) return status(response, 401)
      json(response, { pages: PAGES, data: items(page * 10, page * 10 + 10) })
    },
  }
  return server
}

function pull(server: ApiServer, more: Partial<OAuth2ClientCredentials> = {}, concurrency = 1, clock = fastClock()) {
  const auth = oauth2ClientCredentials({
    tokenUrl: `${server.origin}/token`,
    clientId: 'client:1',
    clientSecret: 'pass/word',
    scope: ['read', 'list'],
    ...more,
  })
  const paginate = { by: 'page', first: 0, totalPages: 'pages' } as const
  return pullToCsv({ url: server.origin, auth, paginate, rows: 'data', concurrency }, { clock })
}

const ALL = csvOf(items(0, PAGES * 10))

describe('OAuth 2.0 client credentials', () => {
  it('get one token for all requests, by the rules of RFC 6749', async () => {
    const oauth = oauthServer({ life: 3600 })
    await using server = await apiServer(oauth.answer)
    const { output } = await pull(server, { parameters: { audience: 'https://api' } }, 4)
    assert.equal(output, ALL)
    assert.equal(oauth.given, 1)
    const { method, headers, body } = server.asked[0] as Asked
    assert.equal(method, 'POST')
    assert.equal(headers['content-type'], 'application/x-www-form-urlencoded;charset=UTF-8')
    const pair = Buffer.from('client%3A1:pass%2Fword').toString('base64')
    assert.equal(headers.authorization, `Basic ${pair}`)
    assert.deepEqual(Object.fromEntries(new URLSearchParams(body)), {
      grant_type: 'client_credentials',
      audience: 'https://api',
      scope: 'read list',
    })
  })

  it('may show the client in the form', async () => {
    const oauth = oauthServer()
    await using server = await apiServer(oauth.answer)
    assert.equal((await pull(server, { clientAuthentication: 'post' })).output, ALL)
    const form = new URLSearchParams(server.asked[0]?.body)
    assert.deepEqual([form.get('client_id'), form.get('client_secret')], ['client:1', 'pass/word'])
    assert.equal(server.asked[0]?.headers.authorization, undefined)
  })

  it('replace a token before it ends', async () => {
    const clock = fastClock()
    const oauth = oauthServer({
      life: 100,
      onPage: () => {
        void clock.sleep(45_000, new AbortController().signal)
        return false
      },
    })
    await using server = await apiServer(oauth.answer)
    const { output } = await pull(server, { refreshEarlyMs: 20_000 }, 1, clock)
    assert.equal(output, ALL)
    // A token serves until 80 s, which is two pages of 45 s; no request was refused.
    assert.equal(oauth.given, 3)
    assert.equal(server.asked.length, 3 + PAGES)
  })

  it('replace a token once that is refused, for all requests together', async () => {
    for (const concurrency of [1, 4]) {
      const oauth = oauthServer({
        onPage: ({ time }, page, self) => {
          if (page === 3 && time === 1) self.revoke()
          return false
        },
      })
      await using server = await apiServer(oauth.answer)
      const { output, error } = await pull(server, {}, concurrency)
      assert.equal(error?.message, undefined)
      assert.equal(output, ALL)
      assert.equal(oauth.given, 2)
    }
  })

  it('replace tokens that expire again and again, between attempts too', async () => {
    const oauth = oauthServer({
      onPage: ({ time }, page, self, response) => {
        if (time === 1) self.revoke()
        if (page % 2 === 1 && time === 2) {
          self.revoke()
          status(response, 503)
          return true
        }
        return false
      },
    })
    await using server = await apiServer(oauth.answer)
    const { output, error } = await pull(server)
    assert.equal(error?.message, undefined)
    assert.equal(output, ALL)
  })

  it('give up when a fresh token is refused as well', async () => {
    const oauth = oauthServer({
      onPage: (_asked, page, _self, response) => {
        if (page === 2) status(response, 401)
        return page === 2
      },
    })
    await using server = await apiServer(oauth.answer)
    const { error, output } = await pull(server)
    assert.deepEqual([error?.code, output], ['source-unauthorized', undefined])
    assert.equal(server.paths.filter((path) => path === '/?page=2').length, 2)
    assert.equal(oauth.given, 2)
  })

  it('are asked for again when the token endpoint is busy', async () => {
    const oauth = oauthServer({
      onToken: ({ time }, response) => {
        if (time < 3) status(response, 503)
        return time < 3
      },
    })
    await using server = await apiServer(oauth.answer)
    assert.equal((await pull(server)).output, ALL)
  })

  const refusals: readonly [string, number, unknown, RegExp][] = [
    [
      'the client is unknown',
      401,
      { error: 'invalid_client', error_description: 'no pass/word' },
      /invalid_client, HTTP 401/,
    ],
    ['the scope is wrong', 400, { error: 'invalid_scope' }, /invalid_scope, HTTP 400/],
    ['the answer is no token', 200, { token: 'x' }, /gave no token/],
    ['the token is of another type', 200, { access_token: 'canary', token_type: 'mac' }, /gave no token/],
    ['it redirects', 302, {}, /gave no token/],
  ]
  for (const [title, code, body, message] of refusals) {
    it(`end the run when ${title}, without what the server said`, async () => {
      const oauth = oauthServer({
        onToken: (_, response) => {
          response
            .writeHead(code, { 'content-type': 'application/json', location: '/elsewhere' })
            .end(JSON.stringify(body))
          return true
        },
      })
      await using server = await apiServer(oauth.answer)
      const { error } = await pull(server)
      assert.equal(error?.code, 'source-unauthorized')
      assert.match(String(error?.message), message)
      assert.doesNotMatch(String(error?.message), /pass|canary/)
      assert.equal(error?.cause, undefined)
      assert.deepEqual(server.paths, ['/token'])
    })
  }
})

describe('simple credentials', () => {
  const expecting =
    (check: (asked: Asked) => boolean): Answer =>
    (asked, response) => {
      if (check(asked)) json(response, items(0, 2))
      else status(response, 401)
    }

  it('are a bearer token, user and password, or a key in a field or the query; several together too', async () => {
    process.env['SLUICE_TEST_TOKEN'] = 'from-env'
    const basic = `Basic ${Buffer.from('me:söcret').toString('base64')}`
    const cases = [
      [bearer('abc'), ({ headers }) => headers.authorization === 'Bearer abc'],
      [bearer(fromEnv('SLUICE_TEST_TOKEN')), ({ headers }) => headers.authorization === 'Bearer from-env'],
      [bearer(async () => 'later'), ({ headers }) => headers.authorization === 'Bearer later'],
      [basicAuth({ user: 'me', password: 'söcret' }), ({ headers }) => headers.authorization === basic],
      [apiKey({ header: 'X-Key', key: 'k' }), ({ headers }) => headers['x-key'] === 'k'],
      [apiKey({ query: 'key', key: 'k&' }), ({ url }) => url.searchParams.get('key') === 'k&'],
      [
        [bearer('abc'), apiKey({ header: 'X-Key', key: 'k' })],
        ({ headers }) => headers.authorization === 'Bearer abc' && headers['x-key'] === 'k',
      ],
    ] as const satisfies readonly (readonly [unknown, (asked: Asked) => boolean])[]
    for (const [auth, check] of cases) {
      await using server = await apiServer(expecting(check))
      assert.equal((await pullToCsv({ url: server.origin, auth })).output, csvOf(items(0, 2)))
      assert.equal(server.asked.length, 1)
    }
  })

  it('from a function are fetched once, and again when they are refused', async () => {
    let provided = 0
    const token = () => `t${++provided}`
    await using server = await apiServer(({ url, headers }, response) => {
      const page = Number(url.searchParams.get('page'))
      if (headers.authorization !== (page < 3 ? 'Bearer t1' : 'Bearer t2')) return status(response, 401)
      json(response, page < 5 ? items(page, page + 1) : [])
    })
    const { output } = await pullToCsv({ url: server.origin, auth: bearer(token), paginate: { by: 'page', first: 0 } })
    assert.equal(output, csvOf(items(0, 5)))
    assert.equal(provided, 2)
  })

  it('that are not there or cannot be sent are told by name', async () => {
    const fail = () => {
      throw new SyntaxError('canary')
    }
    for (const [secret, message] of [
      [fromEnv('SLUICE_NOT_SET'), /The secret in the environment variable SLUICE_NOT_SET is not there/],
      [() => '', /The secret the token of bearer is empty/],
      [fail, /threw SyntaxError\. Its message is left out/],
      ['abc\n', /cannot hold, such as a line end/],
    ] as const) {
      await using server = await apiServer((_, response) => json(response, []))
      const { error } = await pullToCsv({ url: server.origin, auth: bearer(secret) })
      assert.deepEqual([error?.code, error?.exitCode], ['secret-unavailable', 2])
      assert.match(String(error?.message), message)
      assert.equal(server.asked.length, 0)
    }
  })
})

describe('credentials never go', () => {
  const away: readonly [string, (other: string, response: ServerResponse) => unknown][] = [
    ['by a next link', (other, response) => json(response, items(0, 1), { link: `<${other}/more>; rel=next` })],
    ['by a redirect', (other, response) => response.writeHead(307, { location: `${other}/more` }).end()],
  ]
  for (const [title, lead] of away) {
    it(`to another origin ${title}, unless that is allowed`, async () => {
      await using other = await apiServer((_, response) => json(response, items(1, 2)))
      await using server = await apiServer((_, response) => void lead(other.origin, response))
      const options = { url: server.origin, auth: bearer('abc'), paginate: { by: 'link' } } as const
      const { error } = await pullToCsv(options)
      assert.match(String(error?.message), /another origin, http:\/\/127\.0\.0\.1:\d+, where it was not followed/)
      assert.equal(other.asked.length, 0)
      const { output } = await pullToCsv({ ...options, allowOrigins: [other.origin] })
      assert.ok(output?.endsWith('1,item 1\n'))
      assert.equal(other.asked[0]?.headers.authorization, 'Bearer abc')
    })
  }

  it('in clear to another machine, unless that is allowed', () => {
    const auth = bearer('abc')
    assert.throws(() => readApi({ url: 'http://example.org/', auth }), { code: 'job-invalid', message: /in clear/ })
    assert.throws(() => readApi({ url: 'https://a.org/', auth, allowOrigins: ['http://b.org'] }), /in clear/)
    const client = { clientId: 'a', clientSecret: 'b' }
    assert.throws(() => oauth2ClientCredentials({ tokenUrl: 'http://example.org/', ...client }), /in clear/)
    readApi({ url: 'http://example.org/', auth, allowHttp: true })
    assert.throws(
      () => readApi({ url: 'https://me:hunter2@example.org/' }),
      (error: Error) => !error.message.includes('hunter2'),
    )
  })
})
