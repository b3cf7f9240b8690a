import { type ErrorCode, SluiceError } from '../../errors.ts'
import { isTransient, isUnsaid } from '../s3/s3-error.ts'

interface ServiceError extends Error {
  readonly $fault?: 'client' | 'server'
  readonly $retryable?: { readonly throttling?: boolean }
  readonly $metadata?: { readonly requestId?: string }
  readonly code?: string
}

/** What SQS or SNS answered, or what came instead of an answer, as an error of ours that says what to do. */
export function queueError(error: unknown, code: ErrorCode, what: string): SluiceError {
  if (error instanceof SluiceError) return error
  const { name, $metadata, code: system = '' } = error as ServiceError
  const fix = FIXES.find(([pattern]) => pattern.test(name) || pattern.test(system))?.[1]
  const why = reasonOf(error as ServiceError)
  return new SluiceError(code, `${what}: ${why.replace(/\.$/, '')}.${fix === undefined ? '' : ` ${fix}`}`, {
    cause: error,
    retryable: isWorthRetrying(error),
    context: { service_error: name, request_id: $metadata?.requestId },
  })
}

/** The words of the SDK name its own parts, quote what it does not understand, or say nothing at all. */
function reasonOf({ name, message }: ServiceError): string {
  if (/^(Timeout|Abort)Error$/.test(name)) return 'it does not answer in time'
  const strange = isUnsaid(message) || message.includes('Deserialization error')
  return strange ? `it does not answer as AWS does (${name})` : message
}

/** The same request may succeed later. */
export function isWorthRetrying(error: unknown): boolean {
  const { $retryable, name } = error as ServiceError
  return $retryable !== undefined || /Throttl|OverLimit/.test(name) || isTransient(error)
}

const FIXES: readonly (readonly [RegExp, string])[] = [
  [/AccessDenied|NotAuthorized|AuthorizationError/, 'Check the permissions of these credentials.'],
  [/QueueDoesNotExist|NonExistentQueue/, 'Check the account, the name and the region of the queue.'],
  [/NotFound/, 'Check the ARN and the region.'],
  [/CredentialsProvider/, 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with a role.'],
  [/ExpiredToken/, 'The session token has expired: sign in again.'],
  [/^ENOTFOUND$|^EAI_AGAIN$/, 'Check the endpoint, the region and the network.'],
  [/^ECONNREFUSED$/, 'Check the endpoint, and whether it is up.'],
  [/InvalidClientTokenId|SignatureDoesNotMatch|UnrecognizedClient/, 'Check the credentials.'],
]
