import type { OperationName } from './operations/operation-name.ts'
import { OPERATIONS, type Operation } from './operations/operations.ts'
import { notImplemented, S3Error } from './protocol/s3-error.ts'
import type { S3Request } from './protocol/s3-request.ts'

/** Headers that say nothing of what is to be done, or are checked for every request. */
const HARMLESS = [
  ...['host', 'user-agent', 'connection', 'date', 'expect', 'accept', 'accept-*'],
  ...['content-length', 'transfer-encoding', 'authorization', 'amz-sdk-*', 'x-amz-user-agent'],
  ...['x-amz-date', 'x-amz-content-sha256', 'x-amz-security-token', 'sec-fetch-*'],
  // Bodies of requests have one although nothing depends on it.
  ...['content-type', 'cache-control', 'pragma', 'traceparent'],
]

/** The SDK names its command in every address. */
const IGNORED_PARAMETERS = ['x-id']

const LONGEST_KEY_BYTES = 1024

/** What a request asks for. Whatever it asks for beside that, unknown here, is refused rather than ignored. */
export function route(request: S3Request): OperationName {
  const features = [...new Set([...parameters(request), ...Object.keys(request.headers)])]
  const name = mostSpecific(request, features)
  if (name === undefined) throw notImplemented(`${request.method} with this address`)
  const { marks, allows } = OPERATIONS[name]
  const known = [...marks, ...allows, ...HARMLESS]
  const unknown = features.filter((feature) => !known.some((pattern) => matches(feature, pattern)))
  if (unknown.length > 0) throw notImplemented(`${unknown.join(', ')} in ${name}`)
  if (Buffer.byteLength(request.key) > LONGEST_KEY_BYTES) {
    throw new S3Error(400, 'KeyTooLongError', 'Your key is too long')
  }
  return name
}

function parameters({ query }: S3Request): string[] {
  return [...query.keys()].filter((name) => !IGNORED_PARAMETERS.includes(name)).map((name) => `?${name}`)
}

/** An operation whose marks are all there; of several the one with the most. */
function mostSpecific(request: S3Request, features: readonly string[]): OperationName | undefined {
  const entries = Object.entries(OPERATIONS) as [OperationName, Operation][]
  const [found] = entries
    .filter(([, { method, level }]) => method === request.method && level === levelOf(request))
    .filter(([, { marks }]) => marks.every((mark) => features.includes(mark)))
    .sort(([, a], [, b]) => b.marks.length - a.marks.length)
  return found?.[0]
}

function levelOf({ bucket, key }: S3Request): Operation['level'] {
  if (key !== '') return 'object'
  return bucket === '' ? 'service' : 'bucket'
}

function matches(feature: string, pattern: string): boolean {
  return pattern.endsWith('*') ? feature.startsWith(pattern.slice(0, -1)) : feature === pattern
}
