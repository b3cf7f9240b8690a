import type { S3Client } from '@aws-sdk/client-s3'
import { SluiceError } from '../../errors.ts'
import { renewLent } from './renew-lent.ts'
import { grantAt, type LentCredentials, type S3Grant } from './s3-access.ts'
import type { S3Location } from './s3-location.ts'
import { ATTEMPTS, retryStrategy } from './s3-retries.ts'
import { type S3Settings, s3Settings } from './s3-settings.ts'
import { s3Timing } from './s3-timing.ts'

/** The SDK and a client of it. The SDK is loaded by the first call: who uses no `s3://` address does not pay for it. */
export interface S3 {
  readonly client: S3Client
  /**
   * The same for the bytes of objects. It neither repeats requests nor minds a connection that stands still, for that
   * may be the doing of whoever takes the bytes: `readObject` knows better.
   */
  readonly reader: S3Client
  readonly sdk: typeof import('@aws-sdk/client-s3')
}

/**
 * The client of this process for the settings at hand. What they leave open, and the credentials, come from where the
 * SDK looks for them: the environment, the shared configuration, the container or the instance. With an endpoint of
 * one's own (also `AWS_ENDPOINT_URL_S3`, `AWS_ENDPOINT_URL`) buckets stand in the path. For a place of which somebody
 * lends the credentials, the client with those.
 */
export async function connectS3(place?: S3Location): Promise<S3> {
  const grant = place === undefined ? undefined : await grantAt(place)
  const settings = { ...s3Settings(), ...grant?.settings }
  const clients = grant === undefined ? own : lentClients(grant)
  const key = JSON.stringify([settings.region, settings.endpoint, settings.pathStyle])
  let known = clients.get(key)
  if (known === undefined) {
    known = connect(settings, grant?.credentials)
    clients.set(key, known)
  }
  return known
}

type Clients = Map<string, Promise<S3>>

const own: Clients = new Map()
const lent = new WeakMap<S3Grant, Clients>()

/** They go with the grant. */
function lentClients(grant: S3Grant): Clients {
  const clients: Clients = lent.get(grant) ?? new Map()
  lent.set(grant, clients)
  return clients
}

async function connect(
  { region, endpoint, pathStyle = endpoint !== undefined }: S3Settings,
  credentials: LentCredentials | undefined,
): Promise<S3> {
  const sdk = await import('@aws-sdk/client-s3').catch((error) => {
    throw new SluiceError('environment-unavailable', 'Cannot load @aws-sdk/client-s3, which s3:// addresses need.', {
      cause: error,
    })
  })
  const common = {
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: pathStyle,
    // Bodies are checked by us, across resumed reads; the SDK checks only what comes in one piece.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(credentials === undefined ? {} : { credentials: asked(credentials) }),
  } as const
  const { idleMs } = s3Timing()
  const connectionTimeout = Math.min(5_000, idleMs)
  const client = new sdk.S3Client({
    ...common,
    maxAttempts: ATTEMPTS,
    retryStrategy,
    requestHandler: { connectionTimeout, socketTimeout: idleMs },
  })
  const reader = new sdk.S3Client({
    ...common,
    // Found once for both.
    credentials: client.config.credentials,
    maxAttempts: 1,
    requestHandler: { connectionTimeout },
  })
  if (credentials !== undefined) for (const one of [client, reader]) renewLent(one, credentials)
  return { client, reader, sdk }
}

/** The SDK remembers credentials until they end: these it asks for each time. */
function asked(credentials: LentCredentials) {
  return async () => ({ ...(await credentials.current()), expiration: new Date() })
}
