import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { withSettings } from '../s3/s3-settings.ts'
import { queueFacts } from './queue-facts.ts'
import { parseSqs } from './sqs-address.ts'
import { queueError } from './sqs-error.ts'

describe('an error of SQS or SNS', () => {
  it('says what to do where the network fails', async () => {
    assert.match(
      await failureAt('http://nowhere.invalid'),
      /ENOTFOUND nowhere\.invalid\. Check the endpoint, the region/,
    )
    assert.match(await failureAt('http://127.0.0.1:9'), /ECONNREFUSED.*\. Check the endpoint, and whether it is up\.$/)
  })

  it('says so where something answers that is not AWS', async () => {
    const server = createServer((_, response) => response.writeHead(404).end('nothing here'))
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening))
    try {
      const { port } = server.address() as AddressInfo
      assert.match(await failureAt(`http://127.0.0.1:${port}`), /^asked: it does not answer as AWS does \(\w+\)\.$/)
    } finally {
      server.closeAllConnections()
      server.close()
    }
  })

  it('that is a time which is over says that, not in the words of the SDK', () => {
    for (const name of ['AbortError', 'TimeoutError']) {
      const error = Object.assign(new Error('@smithy/node-http-handler - Request aborted'), { name })
      assert.equal(queueError(error, 'internal', 'asked').message, 'asked: it does not answer in time.')
    }
  })
})

async function failureAt(endpoint: string): Promise<string> {
  const queue = parseSqs('sqs://sqs.eu-central-1.amazonaws.com/000000000000/q')
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
  return await withSettings({ endpoint }, async () => {
    const error = await queueFacts(queue).then(
      () => assert.fail(),
      (cause: unknown) => cause,
    )
    return queueError(error, 'internal', 'asked').message
  })
}
