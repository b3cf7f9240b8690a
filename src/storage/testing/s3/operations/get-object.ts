import type { S3Answer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { StoredObject } from '../store.ts'
import { byteRange } from './byte-range.ts'
import { checksumHeaders } from './object-headers.ts'
import { checkReadConditions } from './preconditions.ts'

/** Headers that a signed request may ask to be answered otherwise. */
export const OVERRIDES = [
  'content-type',
  'content-language',
  'content-disposition',
  'content-encoding',
  'cache-control',
  'expires',
] as const

export function getObject(request: S3Request, context: S3Context): S3Answer {
  const object = context.store.bucket(request.bucket).object(request.key)
  checkReadConditions(request, object)
  const range = byteRange(request.headers['range'], object.content.length)
  const content = range === null ? object.content : object.content.slice(range.start, range.end)
  const partial = range && { 'content-range': `bytes ${range.start}-${range.end - 1}/${object.content.length}` }
  return {
    status: range === null ? 200 : 206,
    headers: { ...describe(request, object), ...partial, 'content-length': String(content.length) },
    body: request.method === 'HEAD' ? null : content.read(),
  }
}

function describe({ headers, query }: S3Request, object: StoredObject): Record<string, string> {
  const overrides = OVERRIDES.flatMap((name) => {
    const value = query.get(`response-${name}`)
    return value === null ? [] : [[name, value]]
  })
  // The stored checksum says nothing of a part of the object.
  const tellChecksum = headers['x-amz-checksum-mode'] === 'ENABLED' && headers['range'] === undefined
  return {
    ...object.headers,
    ...(tellChecksum ? checksumHeaders(object.checksum) : {}),
    ...Object.fromEntries(overrides),
    etag: object.etag,
    'last-modified': object.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
  }
}
