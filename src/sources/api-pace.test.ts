import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { oauth2ClientCredentials } from './api/oauth2.ts'
import { apiServer, csvOf, items, json, status } from './testing/api-server.ts'
import { pullToCsv } from './testing/pull-to-csv.ts'

describe('a rate limit', () => {
  it('keeps all requests apart, and lets no token end while its request waits', async () => {
    const born = new Map<string, number>()
    const times: number[] = []
    await using server = await apiServer(({ url, headers }, response) => {
      const now = performance.now()
      times.push(now)
      if (url.pathname === '/token') {
        const token = `token-${born.size}`
        born.set(`Bearer ${token}`, now)
        return json(response, { access_token: token, token_type: 'Bearer', expires_in: 1 })
      }
      const age = now - (born.get(headers.authorization ?? '') ?? 0)
      if (age > 1000) return status(response, 401)
      const page = Number(url.searchParams.get('page'))
      json(response, { pages: 60, data: items(page, page + 1) })
    })
    const auth = oauth2ClientCredentials({ tokenUrl: `${server.origin}/token`, clientId: 'a', clientSecret: 'b' })
    const paginate = { by: 'page', totalPages: 'pages' } as const
    // The queue of 60 requests lasts for three seconds, a token for one.
    const options = { url: server.origin, auth, paginate, rows: 'data', rateLimit: 20, concurrency: 60 }
    const { output, error } = await pullToCsv(options)
    assert.equal(error?.message, undefined)
    assert.equal(output, csvOf(items(1, 61)))
    // In no second more than twenty, but for what a timer and a connection are late.
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 900).length))
    assert.ok(most <= 20, String(most))
  })
})
