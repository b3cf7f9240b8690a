import type { Looked, Use } from './finding.ts'
import { notInstalled, optionalPackage, refused } from './optional-package.ts'

const PACKAGE = '@aws-sdk/client-sqs'

/** A queue of dead letters, `sqs://<host>/<account>/<name>`: asks for its attributes, sends and receives nothing. */
export async function probeQueue({ location }: Use): Promise<Looked> {
  const sdk = await optionalPackage(PACKAGE)
  if (sdk === undefined) return notInstalled(PACKAGE)
  const { SQSClient, GetQueueAttributesCommand } = sdk
  const address = location.slice('sqs://'.length)
  const [, region] = /^sqs\.([\w-]+)\.amazonaws\.com/.exec(address) ?? []
  const client = new SQSClient!(region === undefined ? {} : { region })
  const QueueUrl = `${/^(localhost|127\.|\[)/.test(address) ? 'http' : 'https'}://${address}`
  try {
    const input = { QueueUrl, AttributeNames: ['QueueArn'] }
    const { Attributes } = await client.send(new GetQueueAttributesCommand!(input))
    return { status: 'ok', detail: `reachable, ${(Attributes as { QueueArn?: string })?.QueueArn ?? ''}` }
  } catch (error) {
    return refused(error, 'sqs:GetQueueAttributes')
  }
}
