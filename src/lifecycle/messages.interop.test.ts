/** Dead letters on queues and notifications of topics of servers that others wrote: moto's, by `npm run test:interop`. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { defineJob } from './job.ts'
import { runJob } from './run.ts'

const { INTEROP_BUCKET: bucket } = process.env
const ROWS = 45

describe('dead letters and notifications on the servers of others', {
  skip: bucket === undefined && 'npm run test:interop runs it',
}, () => {
  let box: string
  let sqs: SQSClient
  let sns: SNSClient
  before(() => {
    box = mkdtempSync(join(tmpdir(), 'sluice-interop-'))
    sqs = new SQSClient()
    sns = new SNSClient()
  })
  after(() => {
    sqs.destroy()
    sns.destroy()
    rmSync(box, { recursive: true, force: true })
  })

  for (const fifo of [false, true]) {
    it(`arrive, each letter ${fifo ? 'once and in order on a FIFO queue' : 'on a queue'}, and the topic hears of the run`, async () => {
      const name = fifo ? 'letters.fifo' : 'letters'
      const url = await queue(name, fifo ? { FifoQueue: 'true' } : {})
      const heard = await queue(`heard-${fifo}`)
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: `runs-${fifo}` }))
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: heard, AttributeNames: ['QueueArn'] }),
      )
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: Attributes?.['QueueArn'] }))
      const input = join(box, 'in.csv')
      writeFileSync(input, `id,v\n0,good\n${Array.from({ length: ROWS }, (_, row) => `${row + 1},\n`).join('')}`)
      const job = defineJob({
        name: 'letters',
        extract: () => readCsv(input),
        validate: { requiredColumns: ['v'] },
        onInvalid: 'quarantine',
        deadLetters: `sqs://sqs.us-east-1.amazonaws.com/${new URL(url).pathname.slice(1)}`,
        notify: [TopicArn as string],
        load: () => writeCsv(join(box, 'out.csv')),
      })
      const report = await runJob(job, { state: join(box, `state-${fifo}`) })
      assert.deepEqual([report.status, report.unfinished, report.deadLetters.letters], ['committed', [], ROWS])
      assert.deepEqual(
        report.notifications?.map(({ status }) => status),
        ['sent'],
      )
      const rows = (await drained(url)).map((body) => JSON.parse(body).row)
      const expected = Array.from({ length: ROWS }, (_, row) => row + 2)
      assert.deepEqual(fifo ? rows : rows.toSorted((a, b) => a - b), expected)
      const [message = ''] = await drained(heard)
      assert.equal(JSON.parse(JSON.parse(message).Message).status, 'committed')
    })
  }

  async function queue(QueueName: string, Attributes: Record<string, string> = {}): Promise<string> {
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))
    return QueueUrl as string
  }

  async function drained(QueueUrl: string): Promise<readonly string[]> {
    const bodies: string[] = []
    for (;;) {
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
      if (Messages.length === 0) return bodies
      bodies.push(...Messages.map(({ Body = '' }) => Body))
      // A FIFO queue gives no more of a group before.
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    }
  }
})
