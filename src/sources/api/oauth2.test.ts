import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { apiServer } from '../testing/api-server.ts'
import { pullToCsv } from '../testing/pull-to-csv.ts'
import { oauth2ClientCredentials } from './oauth2.ts'

describe('a token endpoint that gives no token', () => {
  for (const [status, code] of [
    [500, 'source-failed'],
    [404, 'source-unauthorized'],
    [307, 'source-unauthorized'],
  ] as const) {
    it(`but HTTP ${status} is told by that`, async () => {
      await using server = await apiServer((_, response) => {
        response.writeHead(status, { 'content-type': 'text/html', location: '/elsewhere' }).end('<p>canary</p>')
      })
      const tokenUrl = `${server.origin}/token`
      const auth = oauth2ClientCredentials({ tokenUrl, clientId: 'a', clientSecret: 'b' })
      const { error } = await pullToCsv({ url: server.origin, auth })
      assert.equal(error?.code, code)
      assert.match(String(error?.message), new RegExp(`gave no token \\(HTTP ${status}`))
      assert.doesNotMatch(String(error?.message), /canary/)
    })
  }
})
