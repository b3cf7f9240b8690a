import { parseSqs, type SqsAddress } from '../../storage/sqs/sqs-address.ts'
import { connectSqs } from '../../storage/sqs/sqs-client.ts'
import { queueError } from '../../storage/sqs/sqs-error.ts'
import type { Looked, Use } from './finding.ts'

/** A queue of dead letters: asks for its attributes, sends and receives nothing. */
export async function probeQueue({ location }: Use): Promise<Looked> {
  try {
    return { status: 'ok', detail: `reachable, ${await arnOf(parseSqs(location))}` }
  } catch (error) {
    if (/AccessDenied/.test((error as Error).name)) return NOT_ASKED
    throw queueError(error, 'dead-letters-undelivered', 'cannot be reached')
  }
}

/** Sending needs another permission. */
const NOT_ASKED: Looked = {
  status: 'warning',
  detail: 'not checked: sqs:GetQueueAttributes is not permitted',
  fix: 'Allow it to these credentials, and a run knows the longest message.',
}

async function arnOf(queue: SqsAddress): Promise<string> {
  const { client, sdk } = await connectSqs(queue)
  const command = new sdk.GetQueueAttributesCommand({ QueueUrl: queue.url, AttributeNames: ['QueueArn'] })
  const { Attributes } = await client.send(command)
  return Attributes?.QueueArn ?? queue.url
}
