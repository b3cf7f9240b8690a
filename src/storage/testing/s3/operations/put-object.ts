import { DEFAULT_ALGORITHM, declaredAlgorithm } from '../bodies/checksums.ts'
import { type ReceivedContent, receiveContent } from '../bodies/receive-content.ts'
import { emptyAnswer, type S3Answer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { now, type StoredObject } from '../store.ts'
import { checksumHeaders, objectHeaders } from './object-headers.ts'
import { checkWriteConditions } from './preconditions.ts'

export function putObject(request: S3Request, context: S3Context): Promise<S3Answer> {
  const bucket = context.store.bucket(request.bucket)
  const headers = objectHeaders(request)
  const algorithm = declaredAlgorithm(request) ?? DEFAULT_ALGORITHM
  return receiveContent(request, context.newBodyFile(), [], (received) => {
    checkWriteConditions(request, bucket.objects.get(request.key))
    const object: StoredObject = {
      content: received.content,
      etag: etagOf(received),
      checksum: { algorithm, value: received.checksums.get(algorithm)!, type: 'FULL_OBJECT' },
      headers,
      lastModified: now(),
    }
    bucket.put(request.key, object)
    return emptyAnswer(200, { etag: object.etag, ...checksumHeaders(object.checksum) })
  })
}

/** Of one body: the digest itself. */
export function etagOf({ md5 }: Pick<ReceivedContent, 'md5'>): string {
  return `"${md5.toString('hex')}"`
}
