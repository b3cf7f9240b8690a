import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import type { CatalogAuth } from '../../../config/catalog-config.ts'
import { fromEnv } from '../../../config/secret.ts'
import { applyUpdates } from '../apply-updates.ts'
import { creation } from '../new-table.ts'
import { UNPARTITIONED } from '../partition-spec.ts'
import { openPlanned, planCatalog } from '../planned-catalog.ts'
import { formatTableMetadata } from '../table-metadata.ts'
import { RestCatalogServer } from '../testing/rest-catalog-server.ts'
import { openRestCatalog } from './rest-catalog.ts'

const table = { namespace: ['a b', 'c/d'], name: 't' }

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Answers each request by what a test says, and remembers it. */
async function serving(answer: (seen: Seen) => { readonly status?: number; readonly body: string }) {
  const seen: Seen[] = []
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()
    const { method = '', url = '', headers } = request
    seen.push({ method, url, headers, body })
    const { status = 200, body: text } = answer(seen.at(-1) as Seen)
    response.writeHead(status, { 'content-type': 'application/json' }).end(text)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const close = async () => {
    server.closeAllConnections()
    server.close()
  }
  return { uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, [Symbol.asyncDispose]: close }
}

const CONFIG = JSON.stringify({ overrides: { prefix: 'catalogs/1' }, defaults: {} })
const NONE = JSON.stringify({ error: { type: 'NoSuchTableException', message: 'no', code: 404 } })
const nothing = ({ url }: Seen) => (url.includes('/v1/config') ? { body: CONFIG } : { status: 404, body: NONE })

describe('a REST catalog', () => {
  it('asks for its configuration once, and puts prefix and namespace into paths', async () => {
    await using server = await serving(nothing)
    const catalog = await openRestCatalog('lake', {
      type: 'rest',
      uri: `${server.uri}/`,
      warehouse: 'a:b/c',
      prefix: 'own',
      headers: { 'x-team': 'etl' },
    })
    assert.equal(await catalog.load(table), undefined)
    assert.equal(await catalog.load(table), undefined)
    await catalog.close()
    assert.deepEqual(
      server.seen.map(({ url }) => url),
      [
        '/v1/config?warehouse=a%3Ab%2Fc',
        ...Array(2).fill('/v1/catalogs/1/namespaces/a%20b%1Fc%2Fd/tables/t?snapshots=all'),
      ],
    )
    assert.equal(server.seen[1]?.headers['x-team'], 'etl')
  })

  const strange: readonly (readonly [body: string, loading: RegExp, probing: RegExp])[] = [
    ['<!doctype html><p>Log in', /it answers with a web page. Check uri/, /it answers with a web page. Check uri/],
    ...['{}', '[]', 'null', ''].map(
      (body) => [body, /has no table. Check uri/, /has no namespaces. Check uri/] as const,
    ),
  ]
  for (const [body, loading, probing] of strange) {
    it(`says what is wrong where all answers are ${JSON.stringify(body)}`, async () => {
      await using server = await serving(() => ({ body }))
      const catalog = await openRestCatalog('lake', { type: 'rest', uri: server.uri })
      await assert.rejects(catalog.load(table), { code: 'source-failed', message: loading })
      await assert.rejects(catalog.probe(), { code: 'source-failed', message: probing })
      await catalog.close()
    })
  }

  it('asks again while it is busy, and tells a wrong address from a table that is not there', async () => {
    let busy = 2
    await using server = await serving((seen) => (busy-- > 0 ? { status: 503, body: '<html>' } : nothing(seen)))
    const catalog = await openRestCatalog('lake', { type: 'rest', uri: server.uri })
    assert.equal(await catalog.load(table), undefined)
    await catalog.close()
    await using website = await serving(({ url }) =>
      url.includes('config') ? { body: CONFIG } : { status: 404, body: '<html>not found' },
    )
    const wrong = await openRestCatalog('lake', { type: 'rest', uri: website.uri })
    await assert.rejects(wrong.load(table), { code: 'source-failed', message: /catalog lake .*HTTP 404\. Check uri/ })
    await wrong.close()
  })

  it('does not believe that it has committed before it is told of the table', async () => {
    for (const body of ['', '{}', 'null', '[]', '"ok"', '<html>signed in</html>']) {
      await using server = await serving(({ url }) => ({ body: url.includes('/v1/config') ? CONFIG : body }))
      const catalog = await openRestCatalog('lake', { type: 'rest', uri: server.uri })
      assert.equal((await catalog.commit(table, { requirements: [], updates: [] }, 'k')).outcome, 'unknown', body)
      await assert.rejects(catalog.load(table), { code: 'source-failed' })
      await catalog.close()
    }
  })

  it('reads ids of 63 bits as they are', async () => {
    const draft = { uuid: 'u', location: 'file:///t', spec: UNPARTITIONED, properties: {} }
    const empty = applyUpdates(
      undefined,
      creation({ ...draft, schema: { type: 'struct', 'schema-id': 0, fields: [] } }),
    )
    const metadata = formatTableMetadata({ ...empty, 'current-snapshot-id': 9223372036854775807n })
    await using server = await serving(({ url }) => ({
      body: url.includes('config') ? CONFIG : `{"metadata":${metadata}}`,
    }))
    const catalog = await openRestCatalog('lake', { type: 'rest', uri: server.uri })
    assert.equal((await catalog.load(table))?.metadata['current-snapshot-id'], 9223372036854775807n)
    await catalog.close()
  })

  it('shows a token from the environment, and never tells it', async () => {
    process.env['SLUICE_TEST_TOKEN'] = 'hunter2'
    const auth: CatalogAuth = { type: 'bearer', token: fromEnv('SLUICE_TEST_TOKEN') }
    await using server = await serving(({ headers }) => ({
      status: 403,
      body: JSON.stringify({ error: { type: 'Forbidden', message: `not for ${headers.authorization}`, code: 403 } }),
    }))
    const config = { type: 'rest', uri: server.uri, auth } as const
    const planned = JSON.parse(JSON.stringify(planCatalog('lake', config)))
    assert.deepEqual(planned.variables, { token: 'SLUICE_TEST_TOKEN' })
    const catalog = await openPlanned(planned)
    await assert.rejects(catalog.load(table), (error: Error) => {
      assert.match(error.message, /not for Bearer \*\*\*/)
      return true
    })
    await catalog.close()
    assert.equal(server.seen[0]?.headers.authorization, 'Bearer hunter2')
  })

  it('keeps secrets that are no variables out of journals, and says so when they are wanted', async () => {
    const auth: CatalogAuth = { type: 'oauth2', clientId: 'me', clientSecret: 'hunter2', scope: 's' }
    const planned = planCatalog('lake', { type: 'rest', uri: 'https://localhost:1', auth })
    assert.doesNotMatch(JSON.stringify(planned), /hunter2/)
    const catalog = await openPlanned(JSON.parse(JSON.stringify(planned)))
    await assert.rejects(catalog.load(table), {
      code: 'secret-unavailable',
      message: /the catalog lake, which is not configured here/,
    })
    await catalog.close()
  })

  it('gets a token by client credentials, and another one when that is refused', async () => {
    let tokens = 0
    await using server = await serving((seen) => {
      if (seen.url.endsWith('/oauth/tokens')) {
        return { body: JSON.stringify({ access_token: `t${++tokens}`, token_type: 'bearer', expires_in: 3600 }) }
      }
      return seen.headers.authorization === 'Bearer t1' && seen.url.includes('tables')
        ? { status: 401, body: '{}' }
        : nothing(seen)
    })
    const auth: CatalogAuth = {
      type: 'oauth2',
      clientId: 'me',
      clientSecret: () => 'hunter2',
      scope: 'PRINCIPAL_ROLE:ALL',
    }
    const catalog = await openRestCatalog('lake', { type: 'rest', uri: server.uri, auth })
    assert.equal(await catalog.load(table), undefined)
    await catalog.close()
    const asked = server.seen
      .filter(({ url }) => url === '/v1/oauth/tokens')
      .map(({ body }) => Object.fromEntries(new URLSearchParams(body)))
    const expected = {
      grant_type: 'client_credentials',
      client_id: 'me',
      client_secret: 'hunter2',
      scope: 'PRINCIPAL_ROLE:ALL',
    }
    assert.deepEqual(asked, [expected, expected])
    assert.equal(server.seen.at(-1)?.headers.authorization, 'Bearer t2')
  })

  it('never sends secrets in clear to another machine', async () => {
    for (const auth of [
      { type: 'bearer', token: 'x' },
      { type: 'sigv4', service: 'glue' },
    ] as const) {
      await assert.rejects(openRestCatalog('lake', { type: 'rest', uri: 'http://catalog.example.com', auth }), {
        code: 'config-invalid',
        message: /in clear/,
      })
    }
  })

  it('signs for AWS as the service will check it', async () => {
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'hunter2',
      AWS_REGION: 'eu-central-1',
    })
    await using server = await serving(nothing)
    const auth = { type: 'sigv4', service: 'glue' } as const
    const catalog = await openRestCatalog('lake', {
      type: 'rest',
      uri: `${server.uri}/iceberg`,
      warehouse: '123:x/y',
      auth,
    })
    await catalog.load(table)
    await catalog.commit(table, { requirements: [], updates: [] }, 'k')
    await catalog.close()
    assert.equal(server.seen.length, 3)
    for (const seen of server.seen) assert.equal(seen.headers.authorization, expectedSignature(seen, 'hunter2', 'glue'))
  })

  it('creates a namespace when it is needed', async () => {
    await using server = await RestCatalogServer.start({ warehouse: 'file:///w', token: 'x' })
    const auth = { type: 'bearer', token: 'x' } as const
    const catalog = await openRestCatalog('lake', {
      type: 'rest',
      uri: server.uri,
      warehouse: 'wh',
      location: 's3://b/l/',
      auth,
    })
    const schema = {
      type: 'struct',
      'schema-id': 0,
      fields: [{ id: 1, name: 'id', required: false, type: 'long' }],
    } as const
    const draft = { schema, spec: { 'spec-id': 0, fields: [] }, properties: {} }
    const prepared = await catalog.prepare({ namespace: ['a', 'b'], name: 't' }, draft)
    assert.deepEqual([prepared.location, prepared.created, server.tables.size], ['s3://b/l/a/b/t', false, 0])
    assert.deepEqual([...server.namespaces], ['a\x1fb'])
    await catalog.close()
  })
})

/** Signature Version 4 by the book, of what the server saw. */
function expectedSignature({ method, url, headers, body }: Seen, secret: string, service: string): string {
  const [, scope = '', names = ''] =
    /Credential=AKID\/(\S+), SignedHeaders=(\S+),/.exec(String(headers.authorization)) ?? []
  const [path = '', query = ''] = url.split('?')
  const sha = (text: string) => createHash('sha256').update(text).digest('hex')
  const canonical = [
    method,
    path.split('/').map(encodeURIComponent).join('/'),
    query.split('&').sort().join('&'),
    ...names.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    names,
    sha(body),
  ].join('\n')
  const [day = '', region = ''] = scope.split('/')
  assert.equal(scope, `${day}/eu-central-1/${service}/aws4_request`)
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(canonical)].join('\n')
  const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()
  const key = [day, region, service, 'aws4_request'].reduce<string | Buffer>(hmac, `AWS4${secret}`)
  const signature = createHmac('sha256', key).update(text).digest('hex')
  return `AWS4-HMAC-SHA256 Credential=AKID/${scope}, SignedHeaders=${names}, Signature=${signature}`
}
