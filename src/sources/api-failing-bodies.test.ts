import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { bearer } from './api/auth.ts'
import { apiServer, csvOf, cutOff, items, json } from './testing/api-server.ts'
import { fastClock, pullToCsv } from './testing/pull-to-csv.ts'

/** Bodies that cannot be read. */
const SPOILT: readonly [string, (response: ServerResponse, code: number) => unknown][] = [
  [
    'is not compressed as it says',
    (response, code) => response.writeHead(code, { 'content-encoding': 'gzip' }).end('x'),
  ],
  [
    'is compressed in an unknown way',
    (response, code) => response.writeHead(code, { 'content-encoding': 'no' }).end('x'),
  ],
  ['stalls', (response, code) => response.writeHead(code, { 'retry-after': '7' }).write('{"error":')],
  [
    'is reset',
    (response, code) => {
      response.writeHead(code, { 'retry-after': '7', 'content-length': 500 })
      response.write('{"error":"canary', () => response.socket?.resetAndDestroy())
    },
  ],
]
const timeoutMs = { idle: 200 }

describe('an answer whose body', () => {
  for (const [title, spoil] of SPOILT) {
    it(`${title} is told by its status all the same`, async () => {
      await using server = await apiServer((_, response) => void spoil(response, 404))
      const { error } = await pullToCsv({ url: server.origin, timeoutMs }, { clock: fastClock() })
      assert.equal(error?.code, 'source-not-found')
      assert.match(String(error?.message), /page 1 answered HTTP 404 Not Found$/)
      assert.equal(server.asked.length, 1)
    })

    it(`${title} asks for other credentials all the same`, async () => {
      let provided = 0
      await using server = await apiServer(({ headers }, response) => {
        if (headers.authorization === 'Bearer t1') spoil(response, 401)
        else json(response, items(0, 2))
      })
      const auth = bearer(() => `t${++provided}`)
      const { output } = await pullToCsv({ url: server.origin, auth, timeoutMs }, { clock: fastClock() })
      assert.equal(output, csvOf(items(0, 2)))
    })
  }

  it('breaks off is given the time that it asks for', async () => {
    await using server = await apiServer(({ time }, response) => {
      if (time === 1) SPOILT[3]?.[1](response, 429)
      else json(response, items(0, 2))
    })
    const clock = fastClock()
    const { output } = await pullToCsv({ url: server.origin }, { clock })
    assert.equal(output, csvOf(items(0, 2)))
    assert.equal(Math.max(...clock.slept), 7000)
  })

  it('is not there needs no decompression', async () => {
    await using server = await apiServer((_, response) => {
      response.writeHead(204, { 'content-encoding': 'gzip' }).end()
    })
    const { output, error } = await pullToCsv({ url: server.origin, allowEmpty: true, columns: ['id'] })
    assert.equal(error?.message, undefined)
    assert.equal(output, 'id\n')
  })

  it('may come compressed is not asked for by a name that means two things', async () => {
    await using server = await apiServer(({ headers }, response) => {
      const raw = headers['accept-encoding']?.includes('deflate')
      if (!raw) return json(response, items(0, 2))
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'deflate' })
      response.end(deflateRawSync(JSON.stringify(items(0, 2))))
    })
    const { output } = await pullToCsv({ url: server.origin }, { clock: fastClock() })
    assert.equal(output, csvOf(items(0, 2)))
  })

  it('is a page that breaks off is no page', async () => {
    await using server = await apiServer((_, response) => cutOff(response, items(0, 500), 2000))
    const { error } = await pullToCsv({ url: server.origin, retry: { attempts: 1 } })
    assert.match(String(error?.message), /page 1 (closed|reset) the connection/)
  })
})
