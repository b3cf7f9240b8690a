import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { withSettings } from '../s3/s3-settings.ts'
import { type MessageServer, startMessageServer } from '../testing/message-server.ts'
import { queueFacts } from './queue-facts.ts'
import { parseSqs } from './sqs-address.ts'

const NOBODY = 'http://127.0.0.1:9'

describe('the client of SQS', () => {
  let messages: MessageServer
  before(async () => {
    messages = await startMessageServer()
  })
  after(async () => await messages[Symbol.asyncDispose]())

  it('talks to the endpoint of the work at hand, whatever the environment says', async () => {
    const queue = parseSqs(messages.queue('configured'))
    process.env['AWS_ENDPOINT_URL_SQS'] = NOBODY
    try {
      const facts = await withSettings({ endpoint: messages.proxy.url }, () => queueFacts(queue))
      assert.equal(facts.messages, 0)
    } finally {
      process.env['AWS_ENDPOINT_URL_SQS'] = messages.proxy.url
    }
  })

  it('leaves alone an address that names a server of its own', async () => {
    messages.queue('own')
    const { AWS_ENDPOINT_URL_SQS: known = '' } = process.env
    delete process.env['AWS_ENDPOINT_URL_SQS']
    try {
      const queue = parseSqs(`sqs://${new URL(messages.proxy.url).host}/000000000000/own`)
      const facts = await withSettings({ endpoint: NOBODY, region: 'eu-central-1' }, () => queueFacts(queue))
      assert.equal(facts.messages, 0)
    } finally {
      process.env['AWS_ENDPOINT_URL_SQS'] = known
    }
  })
})
