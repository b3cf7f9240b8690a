import type { SNSClient } from '@aws-sdk/client-sns'
import { SluiceError } from '../../errors.ts'
import { serviceSettings } from '../../storage/s3/s3-settings.ts'
import { ATTEMPTS } from './notifier.ts'

/** The SDK and a client of it, which its user destroys. The SDK is loaded here, and the attempts are its own. */
export interface Sns {
  readonly client: SNSClient
  readonly sdk: typeof import('@aws-sdk/client-sns')
}

/** The region is that of the topic; the endpoint is found as that of S3 and SQS. */
export async function connectSns(region: string, timeoutMs: number): Promise<Sns> {
  const sdk = await import('@aws-sdk/client-sns').catch((error) => {
    throw new SluiceError('environment-unavailable', 'Cannot load @aws-sdk/client-sns, which sns(…) needs.', {
      cause: error,
    })
  })
  const { endpoint } = serviceSettings('SNS')
  const client = new sdk.SNSClient({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: ATTEMPTS,
    requestHandler: { connectionTimeout: timeoutMs, requestTimeout: timeoutMs, throwOnRequestTimeout: true },
  })
  return { client, sdk }
}
