import type { SQSClient } from '@aws-sdk/client-sqs'
import { SluiceError } from '../../errors.ts'

/** The SDK and a client of it. The SDK is loaded by the first call: who uses no queue does not pay for it. */
export interface Sqs {
  readonly client: SQSClient
  readonly sdk: typeof import('@aws-sdk/client-sqs')
}

/**
 * The client of this process for a region. Credentials, and the region of a queue that does not say it, come from where
 * the SDK looks for them. `AWS_ENDPOINT_URL_SQS`, else `AWS_ENDPOINT_URL`, is asked in place of the queue's own host.
 */
export async function connectSqs({ region }: { readonly region: string | undefined }): Promise<Sqs> {
  const { AWS_ENDPOINT_URL_SQS: own, AWS_ENDPOINT_URL: common } = process.env
  const endpoint = own ?? common
  const key = JSON.stringify([region, endpoint])
  let known = clients.get(key)
  if (known === undefined) {
    known = connect(region, endpoint)
    clients.set(key, known)
  }
  return known
}

const clients = new Map<string, Promise<Sqs>>()

async function connect(region: string | undefined, endpoint: string | undefined): Promise<Sqs> {
  const sdk = await import('@aws-sdk/client-sqs').catch((error) => {
    throw new SluiceError('environment-unavailable', 'Cannot load @aws-sdk/client-sqs, which queues of SQS need.', {
      cause: error,
    })
  })
  const client = new sdk.SQSClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 4,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  })
  return { client, sdk }
}
