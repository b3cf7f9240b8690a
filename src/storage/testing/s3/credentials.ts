import type { Operation } from './operations/operations.ts'
import { accessDenied, S3Error } from './protocol/s3-error.ts'
import type { S3Request } from './protocol/s3-request.ts'

export interface Credential {
  /** Actions such as s3:GetObject; all of them when there is no list. */
  allow?: readonly string[]
  /** That requests must carry, if there is one. */
  sessionToken?: string
  /** May be set at any time. */
  expired?: boolean
}

/** By access key. */
export type Credentials = Map<string, Credential>

/** Whether an action is permitted. */
export type Permission = (action: string) => boolean

/**
 * Refuses a request that is not signed, or not by somebody who is permitted. The signature itself is not computed
 * again. Without credentials everybody who signs may do everything.
 */
export function authorise(request: S3Request, operation: Operation, credentials: Credentials): Permission {
  const accessKey = signer(request)
  const { allow } = credentials.size === 0 ? {} : credentialOf(request, accessKey, credentials)
  const may: Permission = (action) => allow === undefined || allow.includes(action)
  if (operation.action !== null && !may(operation.action)) throw accessDenied()
  // A condition on an ETag tells what is there.
  if (operation.method !== 'GET' && 'if-match' in request.headers && !may('s3:GetObject')) throw accessDenied()
  return may
}

function signer({ headers }: S3Request): string {
  const authorization = headers['authorization']
  if (authorization === undefined) throw accessDenied()
  const scope = /^AWS4-HMAC-SHA256 Credential=([^/,]+)\/\d{8}\/[^/,]+\/s3\/aws4_request, ?/
  const signature = /SignedHeaders=[^,]+, ?Signature=[0-9a-f]{64}$/
  const [, accessKey] = scope.exec(authorization) ?? []
  if (accessKey !== undefined && signature.test(authorization)) return accessKey
  throw new S3Error(400, 'AuthorizationHeaderMalformed', 'The authorization header that you provided is not valid.')
}

function credentialOf({ headers }: S3Request, accessKey: string, credentials: Credentials): Credential {
  const credential = credentials.get(accessKey)
  if (credential === undefined) {
    throw new S3Error(403, 'InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.')
  }
  if (credential.expired) throw new S3Error(400, 'ExpiredToken', 'The provided token has expired.')
  if (credential.sessionToken !== headers['x-amz-security-token']) {
    throw new S3Error(400, 'InvalidToken', 'The provided token is malformed or otherwise invalid.')
  }
  return credential
}
