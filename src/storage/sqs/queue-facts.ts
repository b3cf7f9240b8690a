import { BATCH_BYTES } from './batch-messages.ts'
import type { SqsAddress } from './sqs-address.ts'
import { connectSqs } from './sqs-client.ts'

export interface QueueFacts {
  /** Of one message. */
  readonly maxBytes: number
  /** As good as SQS knows it. Undefined where it may not be asked. */
  readonly messages?: number
  /** A message that was received so often without being deleted moves to another queue. */
  readonly maxReceives?: number
}

/** What a queue says of itself. Who may send but not ask gets what holds for every queue. */
export async function queueFacts(queue: SqsAddress): Promise<QueueFacts> {
  const { client, sdk } = await connectSqs(queue)
  try {
    const AttributeNames = ['MaximumMessageSize', 'ApproximateNumberOfMessages', 'RedrivePolicy'] as const
    const command = new sdk.GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: [...AttributeNames] })
    const { Attributes = {} } = await client.send(command)
    const { MaximumMessageSize, ApproximateNumberOfMessages, RedrivePolicy } = Attributes
    const maxReceives = RedrivePolicy === undefined ? undefined : Number(JSON.parse(RedrivePolicy).maxReceiveCount)
    return {
      maxBytes: Math.min(Number(MaximumMessageSize ?? BATCH_BYTES), BATCH_BYTES),
      ...(ApproximateNumberOfMessages === undefined ? {} : { messages: Number(ApproximateNumberOfMessages) }),
      ...(maxReceives === undefined ? {} : { maxReceives }),
    }
  } catch (error) {
    if (/AccessDenied/.test((error as Error).name)) return { maxBytes: BATCH_BYTES }
    throw error
  }
}
