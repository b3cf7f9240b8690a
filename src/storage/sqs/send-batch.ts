import { setTimeout as sleep } from 'node:timers/promises'
import { SluiceError } from '../../errors.ts'
import type { SqsAddress } from './sqs-address.ts'
import { connectSqs } from './sqs-client.ts'
import { isWorthRetrying, queueError } from './sqs-error.ts'
import { type SqsMessage, sendParameters } from './sqs-message.ts'

/**
 * Sends up to ten messages with one request. SQS answers 200 even when it took only some of them: the others are sent
 * again, one by one, with growing pauses. At least once: an answer that got lost makes the SDK send a second time, which
 * only a FIFO queue notices.
 *
 * @throws SluiceError `dead-letters-undelivered`, with the ids of the messages that SQS refuses for good.
 */
export async function sendBatch(queue: SqsAddress, messages: readonly SqsMessage[]): Promise<void> {
  const { client, sdk } = await connectSqs(queue)
  const Entries = messages.map((message, index) => ({ Id: String(index), ...sendParameters(message) }))
  const command = new sdk.SendMessageBatchCommand({ QueueUrl: queue.url, Entries })
  const { Successful = [], Failed = [] } = await client.send(command)
  const refused = Failed.filter(({ SenderFault }) => SenderFault)
  const settled = new Set([...Successful, ...refused].map(({ Id }) => Number(Id)))
  const again = messages.filter((_, index) => !settled.has(index))
  for (const message of again) await sendAlone(queue, message)
  if (refused.length > 0)
    throw refusal(refused.map((entry) => ({ ...entry, id: messages[Number(entry.Id)]?.id ?? '' })))
}

async function sendAlone(queue: SqsAddress, message: SqsMessage): Promise<void> {
  const { client, sdk } = await connectSqs(queue)
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new sdk.SendMessageCommand({ QueueUrl: queue.url, ...sendParameters(message) }))
      return
    } catch (error) {
      if (!isWorthRetrying(error) || attempt === ATTEMPTS) {
        throw queueError(error, 'dead-letters-undelivered', `SQS did not take the letter ${message.id}`)
      }
      await sleep(Math.random() * PAUSE_MS * 2 ** attempt)
    }
  }
}

interface RefusedEntry {
  readonly id: string
  readonly Code?: string | undefined
  readonly Message?: string | undefined
}

function refusal(entries: readonly RefusedEntry[]): SluiceError {
  const why = entries.map(({ id, Code, Message }) => `${id} (${Message ?? Code})`).join(', ')
  return new SluiceError('dead-letters-undelivered', `SQS refuses these letters as they are: ${why}.`)
}

const ATTEMPTS = 5
const PAUSE_MS = 100
