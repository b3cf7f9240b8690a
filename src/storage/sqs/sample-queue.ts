import type { SqsAddress } from './sqs-address.ts'
import { connectSqs } from './sqs-client.ts'

export interface QueueSample {
  readonly bodies: readonly string[]
  /** Why the messages are visible again only when `HELD_SECONDS` are over. */
  readonly held?: unknown
}

/**
 * The bodies of some messages of a queue, each once. Nothing is deleted: they are received with a visibility timeout, so
 * that they come back whatever happens to this process, and made visible again at the end. That counts as a receipt.
 */
export async function sampleQueue(queue: SqsAddress, most: number): Promise<QueueSample> {
  const bodies = new Map<string, string>()
  const receipts: string[] = []
  try {
    while (bodies.size < most) {
      const received = await receive(queue, Math.min(10, most - bodies.size))
      if (received.length === 0) break
      for (const { MessageId = '', Body = '', ReceiptHandle = '' } of received) {
        bodies.set(MessageId, Body)
        receipts.push(ReceiptHandle)
      }
    }
  } catch (error) {
    await attemptRelease(queue, receipts)
    throw error
  }
  return { bodies: [...bodies.values()], ...(await attemptRelease(queue, receipts)) }
}

/** What was seen is worth showing, and a failure before is worth more, whatever becomes of this. */
async function attemptRelease(queue: SqsAddress, receipts: readonly string[]): Promise<Pick<QueueSample, 'held'>> {
  try {
    await release(queue, receipts)
    return {}
  } catch (held) {
    return { held }
  }
}

async function receive(queue: SqsAddress, most: number) {
  const { client, sdk } = await connectSqs(queue)
  const wish = { MaxNumberOfMessages: most, VisibilityTimeout: HELD_SECONDS, WaitTimeSeconds: WAIT_SECONDS }
  const { Messages = [] } = await client.send(new sdk.ReceiveMessageCommand({ QueueUrl: queue.url, ...wish }))
  return Messages
}

/** A receipt that has expired is of a message that is visible already. */
async function release(queue: SqsAddress, receipts: readonly string[]): Promise<void> {
  const { client, sdk } = await connectSqs(queue)
  for (let from = 0; from < receipts.length; from += 10) {
    const Entries = receipts
      .slice(from, from + 10)
      .map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 }))
    await client.send(new sdk.ChangeMessageVisibilityBatchCommand({ QueueUrl: queue.url, Entries }))
  }
}

export const HELD_SECONDS = 60
/** A short poll asks only some of the servers, and may find nothing in a queue that is not empty. */
const WAIT_SECONDS = 1
