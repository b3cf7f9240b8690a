import { SluiceError } from '../../errors.ts'
import { probeS3 } from '../../storage/s3/probe-s3.ts'
import { s3Error } from '../../storage/s3/s3-error.ts'
import { isS3 } from '../../storage/s3/s3-location.ts'
import { checkOverflow, parseSqs, type SqsAddress } from '../../storage/sqs/sqs-address.ts'
import { connectSqs } from '../../storage/sqs/sqs-client.ts'
import { queueError } from '../../storage/sqs/sqs-error.ts'
import { namedOverflow } from '../letters/overflow.ts'
import type { Looked, Use } from './finding.ts'

/** A queue of dead letters: asks for its attributes, sends and receives nothing. Looks where its overflow goes as well. */
export async function probeQueue({ location }: Use): Promise<Looked> {
  const queue = parseSqs(location)
  const overflow = namedOverflow(queue.overflow)
  if (overflow !== undefined) await probeOverflow(overflow)
  return await asked(queue)
}

async function probeOverflow(overflow: string): Promise<void> {
  checkOverflow(overflow)
  // A directory is made when it is needed.
  if (!isS3(overflow)) return
  try {
    await probeS3(overflow, false)
  } catch (error) {
    const { message } = s3Error(error, 'source-failed', 'cannot be reached')
    throw new SluiceError('source-failed', `its overflow ${overflow}: ${message}`, { cause: error })
  }
}

async function asked(queue: SqsAddress): Promise<Looked> {
  try {
    return { status: 'ok', detail: `reachable, ${await arnOf(queue)}` }
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
