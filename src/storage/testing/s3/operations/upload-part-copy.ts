import type { Content } from '../bodies/content.ts'
import { digestContent } from '../bodies/digest-content.ts'
import { type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { invalidArgument, invalidRequest } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { now, type UploadedPart } from '../store.ts'
import { copySource } from './copy-source.ts'
import { etagOf } from './put-object.ts'
import { checksumOf, openUpload, partNumber } from './upload-part.ts'

export function uploadPartCopy(request: S3Request, context: S3Context): Promise<S3Answer> {
  const { id, upload } = openUpload(request, context)
  const number = partNumber(request)
  const { object } = copySource(request, context)
  const content = rangeOf(object.content, request.headers['x-amz-copy-source-range'], context.minimumPartBytes)
  const algorithm = checksumOf(upload)
  return content.during(async () => {
    const digests = await digestContent(content, algorithm)
    const part: UploadedPart = {
      content,
      etag: etagOf(digests),
      checksums: new Map([[algorithm, digests.checksum]]),
      lastModified: now(),
    }
    const bucket = context.store.bucket(request.bucket)
    bucket.putPart(bucket.upload(id, request.key), number, part)
    return xmlAnswer('CopyPartResult', { ETag: part.etag, LastModified: part.lastModified.toISOString() })
  })
}

/** Stricter than for readers: both ends are needed, and must lie in the source. */
function rangeOf(content: Content, header: string | undefined, smallestSource: number): Content {
  if (header === undefined) return content
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? []
  const start = Number(first)
  const end = Number(last) + 1
  if (!(start < end && end <= content.length)) {
    throw invalidArgument(`Range specified is not valid for source object of size: ${content.length}`)
  }
  if (content.length <= smallestSource) {
    throw invalidRequest('The specified copy source is not supported as a byte-range copy source')
  }
  return content.slice(start, end)
}
