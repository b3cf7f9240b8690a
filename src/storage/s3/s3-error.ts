import { asSluiceError, type ErrorCode, SluiceError } from '../../errors.ts'

interface ServiceError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number; readonly requestId?: string }
  readonly code?: string
}

/** What S3 answered, or what came instead of an answer, as an error of ours that says what to do. */
export function s3Error(error: unknown, code: ErrorCode, what: string): SluiceError {
  // Also whatever is a defect of ours.
  if (error instanceof SluiceError || error instanceof TypeError) return asSluiceError(error, 'internal', what)
  const { name, code: system = '' } = error as ServiceError
  // The SDK adds lines for its developers.
  const [message = ''] = (error as Error).message.split('\n')
  const fix = FIXES[name] ?? FIXES[String(statusOf(error))] ?? FIXES[system] ?? FIXES[message]
  const why = isTimeout(name, message) ? 'it does not answer in time' : isUnsaid(message) ? unsaid(error) : message
  return new SluiceError(code, `${what}: ${why.replace(/\.$/, '')}.${fix === undefined ? '' : ` ${fix}`}`, {
    cause: error,
    retryable: isTransient(error),
    context: { service_error: name, request_id: (error as ServiceError).$metadata?.requestId },
  })
}

/** The words of the SDK name its own parts and options. */
function isTimeout(name: string, message: string): boolean {
  return name === 'TimeoutError' && message.includes('node-http-handler')
}

/** A HEAD has no body that could say it, nor has an answer that is not of AWS. */
export function isUnsaid(message: string): boolean {
  return message === '' || message === 'UnknownError' || message === 'Unknown'
}

function unsaid(error: unknown): string {
  return `S3 answers with ${statusOf(error) ?? 'an error'} and no reason`
}

const CREDENTIALS = 'Check the credentials: `aws sts get-caller-identity` shows whose they are.'

const FIXES: Readonly<Record<string, string>> = {
  AccessDenied: 'Check the permissions of these credentials on the bucket and the key.',
  '403': 'Check the permissions of these credentials on the bucket and the key.',
  NoSuchBucket: 'Check the name of the bucket and the region.',
  PermanentRedirect: 'The bucket lies in another region: set AWS_REGION.',
  '301': 'The bucket lies in another region: set AWS_REGION.',
  CredentialsProviderError: 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or run with a role.',
  ExpiredToken: 'The session token has expired: sign in again.',
  ExpiredTokenException: 'The session token has expired: sign in again.',
  'Region is missing': 'Set AWS_REGION, or `region` in the configuration.',
  InvalidAccessKeyId: CREDENTIALS,
  SignatureDoesNotMatch: CREDENTIALS,
  ENOTFOUND: 'Check the endpoint, the region and the network.',
  ECONNREFUSED: 'Check the endpoint, and whether it is up.',
}

export function statusOf(error: unknown): number | undefined {
  return (error as ServiceError)?.$metadata?.httpStatusCode
}

/** The condition of a conditional request was false. */
export function isPreconditionFailed(error: unknown): boolean {
  return statusOf(error) === 412
}

/** Two conditional writes met; one of them has to be tried again from its start. */
export function isConflict(error: unknown): boolean {
  return statusOf(error) === 409
}

export function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404
}

/** The same request may succeed later: the service is busy, or there was no (whole) answer. */
export function isTransient(error: unknown): boolean {
  const status = statusOf(error)
  const { name, code } = error as ServiceError
  // Also when what broke off was an answer that says what is wrong.
  if (TRANSIENT.has(code ?? '') || name === 'TimeoutError' || name === 'BrokenBody') return true
  if (status !== undefined && status >= 400) return status >= 500 || status === 429 || name === 'RequestTimeout'
  return /aborted|socket hang up/.test(String(error))
}

/** S3 asks to come more slowly. */
export function isThrottled(error: unknown): boolean {
  return statusOf(error) === 429 || statusOf(error) === 503 || (error as Error)?.name === 'SlowDown'
}

const TRANSIENT = new Set([
  'ECONNRESET',
  'ECONNREFUSED',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ERR_STREAM_PREMATURE_CLOSE',
])
