import { digestContent } from '../bodies/digest-content.ts'
import { type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { invalidArgument, invalidRequest } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { now, type StoredObject } from '../store.ts'
import { type CopySource, copySource } from './copy-source.ts'
import { objectHeaders } from './object-headers.ts'
import { checkWriteConditions } from './preconditions.ts'
import { etagOf } from './put-object.ts'

/** Larger objects can only be copied as parts. */
const MOST_BYTES = 5 * 1024 ** 3

export function copyObject(request: S3Request, context: S3Context): Promise<S3Answer> {
  const bucket = context.store.bucket(request.bucket)
  const source = copySource(request, context)
  checkCopy(request, source)
  return source.object.content.during(async () => {
    const copy = await copied(request, source.object)
    checkWriteConditions(request, bucket.objects.get(request.key))
    bucket.put(request.key, copy)
    return xmlAnswer('CopyObjectResult', { ETag: copy.etag, LastModified: copy.lastModified.toISOString() })
  })
}

function checkCopy(request: S3Request, { bucket, key, object }: CopySource): void {
  if (object.content.length > MOST_BYTES) {
    throw invalidRequest('The specified copy source is larger than the maximum allowable size for a copy source')
  }
  if (bucket === request.bucket && key === request.key && !replacesHeaders(request)) {
    throw invalidRequest('This copy request is illegal because it copies an object to itself without changing it.')
  }
}

function replacesHeaders({ headers }: S3Request): boolean {
  const directive = headers['x-amz-metadata-directive'] ?? 'COPY'
  if (directive !== 'COPY' && directive !== 'REPLACE') throw invalidArgument('Unknown metadata directive.')
  return directive === 'REPLACE'
}

async function copied(request: S3Request, source: StoredObject): Promise<StoredObject> {
  const headers = replacesHeaders(request) ? objectHeaders(request) : source.headers
  // The copy of a multipart object is an object of one part.
  const digests = source.etag.includes('-') ? await digested(source) : {}
  return { ...source, ...digests, headers, lastModified: now() }
}

async function digested({ content, checksum }: StoredObject): Promise<Pick<StoredObject, 'etag' | 'checksum'>> {
  const { algorithm } = checksum
  const digests = await digestContent(content, algorithm)
  return { etag: etagOf(digests), checksum: { algorithm, value: digests.checksum, type: 'FULL_OBJECT' } }
}
