import { queueError } from '../../storage/sqs/sqs-error.ts'
import { NOTIFY_DEFAULTS } from '../notifications/notifier.ts'
import { regionOfTopic } from '../notifications/sns.ts'
import { connectSns } from '../notifications/sns-client.ts'
import type { Looked, Use } from './finding.ts'

/** A topic by its ARN: asks for its attributes, publishes nothing. */
export async function probeTopic({ location: TopicArn }: Use): Promise<Looked> {
  const { client, sdk } = await connectSns(regionOfTopic(TopicArn) ?? '', NOTIFY_DEFAULTS.timeoutMs)
  try {
    await client.send(new sdk.GetTopicAttributesCommand({ TopicArn }))
    return { status: 'ok', detail: 'reachable' }
  } catch (error) {
    if (/AuthorizationError|AccessDenied/.test((error as Error).name)) return NOT_ASKED
    throw queueError(error, 'internal', 'cannot be reached')
  } finally {
    client.destroy()
  }
}

/** Publishing needs another permission. */
const NOT_ASKED: Looked = {
  status: 'warning',
  detail: 'not checked: sns:GetTopicAttributes is not permitted',
  fix: 'Allow it to these credentials, or see whether a notification arrives.',
}
