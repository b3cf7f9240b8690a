import { queueError } from '../../storage/sqs/sqs-error.ts'
import { ATTEMPTS, type Delivery } from './notifier.ts'
import { connectSns } from './sns-client.ts'

export interface Topic {
  readonly topic: string
  readonly region: string
  readonly timeoutMs: number
}

/** Publishes one notification. */
export async function publishRun({ topic, region, timeoutMs }: Topic, { notification, key }: Delivery): Promise<void> {
  const { client, sdk } = await connectSns(region, timeoutMs)
  try {
    const { job, environment, status, text } = notification
    const command = new sdk.PublishCommand({
      TopicArn: topic,
      Message: JSON.stringify(notification),
      Subject: subjectOf(text),
      MessageAttributes: attributes({ job, environment, status }),
      ...(topic.endsWith('.fifo') ? { MessageGroupId: job, MessageDeduplicationId: key } : {}),
    })
    await client.send(command, { abortSignal: AbortSignal.timeout(timeoutMs * ATTEMPTS) })
  } catch (error) {
    throw queueError(error, 'internal', `Cannot publish to ${topic}`)
  } finally {
    client.destroy()
  }
}

/** SNS takes at most 99 characters of ASCII that begin with a letter, a number or punctuation. */
function subjectOf(text: string): string {
  const ascii = text.replace(/[^\x20-\x7e]+/g, '?')
  return ascii.length < 100 ? ascii : `${ascii.slice(0, 96)}...`
}

function attributes(values: Readonly<Record<string, string>>) {
  const entries = Object.entries(values).map(([name, value]) => [name, { DataType: 'String', StringValue: value }])
  return Object.fromEntries(entries) as Record<string, { DataType: string; StringValue: string }>
}
