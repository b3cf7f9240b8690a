import type { Looked, Use } from './finding.ts'
import { notInstalled, optionalPackage, refused } from './optional-package.ts'

const PACKAGE = '@aws-sdk/client-sns'

/** A topic by its ARN: asks for its attributes, publishes nothing. */
export async function probeTopic({ location: TopicArn }: Use): Promise<Looked> {
  const sdk = await optionalPackage(PACKAGE)
  if (sdk === undefined) return notInstalled(PACKAGE)
  const { SNSClient, GetTopicAttributesCommand } = sdk
  const client = new SNSClient!({ region: TopicArn.split(':')[3] })
  try {
    await client.send(new GetTopicAttributesCommand!({ TopicArn }))
    return { status: 'ok', detail: 'reachable' }
  } catch (error) {
    return refused(error, 'sns:GetTopicAttributes')
  }
}
