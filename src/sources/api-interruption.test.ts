import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { bearer } from './api/auth.ts'
import { apiServer, done, items, json, status, threePages } from './testing/api-server.ts'
import { pullToCsv } from './testing/pull-to-csv.ts'

describe('a pull that is interrupted', () => {
  const moments: readonly [string, (response: ServerResponse) => unknown][] = [
    ['while it waits for an answer', () => {}],
    [
      'while it waits for the rest of a body',
      (response) => response.writeHead(200, { 'content-type': 'application/json' }).write('['),
    ],
    ['while it waits before it asks again', (response) => status(response, 503, { 'retry-after': '100' })],
  ]
  for (const [title, spoil] of moments) {
    it(`${title} ends at once and leaves nothing`, async () => {
      await using server = await apiServer(threePages((page, _time, response) => page === 2 && done(spoil(response))))
      const abort = new AbortController()
      const run = pullToCsv({ url: server.origin, paginate: { by: 'link' } }, { signal: abort.signal })
      while (server.paths.length < 2) await sleep(5)
      await sleep(50)
      const aborted = Date.now()
      abort.abort()
      const { error, output } = await run
      assert.deepEqual([error?.code, output], ['interrupted', undefined])
      // Far from the time-outs that would end the wait as well.
      assert.ok(Date.now() - aborted < 15_000)
    })
  }

  it('while a secret or the next page is waited for ends at once', async () => {
    await using server = await apiServer((_, response) => json(response, items(0, 2)))
    const never = () => new Promise<never>(() => {})
    for (const options of [{ auth: bearer(never) }, { paginate: never }]) {
      const { error } = await pullToCsv({ url: server.origin, ...options }, { signal: AbortSignal.timeout(200) })
      assert.equal(error?.code, 'interrupted')
    }
  })
})
