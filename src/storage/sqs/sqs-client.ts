import type { SQSClient } from '@aws-sdk/client-sqs'
import { SluiceError } from '../../errors.ts'
import { ATTEMPTS, retryStrategy } from '../s3/s3-retries.ts'
import { serviceSettings } from '../s3/s3-settings.ts'

/** The SDK and a client of it. The SDK is loaded by the first call: who uses no queue does not pay for it. */
export interface Sqs {
  readonly client: SQSClient
  readonly sdk: typeof import('@aws-sdk/client-sqs')
}

/**
 * The client of this process for a queue and the settings at hand. Credentials, and what the settings leave open, come
 * from where the SDK looks for them. An endpoint of one's own (also `AWS_ENDPOINT_URL_SQS`, `AWS_ENDPOINT_URL`) is asked
 * in place of the host of AWS that the address names.
 */
export async function connectSqs({ region: own }: { readonly region: string | undefined }): Promise<Sqs> {
  const settings = serviceSettings('SQS')
  const region = own ?? settings.region
  // An address without a region names a server of its own.
  const endpoint = own === undefined ? undefined : settings.endpoint
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
    maxAttempts: ATTEMPTS,
    retryStrategy,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 30_000, throwOnRequestTimeout: true },
  })
  return { client, sdk }
}
