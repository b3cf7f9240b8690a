import { type Algorithm, checksumHeader, DEFAULT_ALGORITHM, declaredAlgorithm } from '../bodies/checksums.ts'
import { type ReceivedContent, receiveContent } from '../bodies/receive-content.ts'
import { emptyAnswer, type S3Answer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { invalidArgument, invalidRequest } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { now, type Upload, type UploadedPart } from '../store.ts'
import { etagOf } from './put-object.ts'

const MOST_PARTS = 10_000

export function uploadPart(request: S3Request, context: S3Context): Promise<S3Answer> {
  const { id, upload } = openUpload(request, context)
  const number = partNumber(request)
  const brought = declaredAlgorithm(request)
  checkAlgorithm(upload, brought)
  return receiveContent(request, context.newBodyFile(), [checksumOf(upload)], (received) => {
    const part = uploaded(received)
    // The upload may have ended while the body came in.
    const bucket = context.store.bucket(request.bucket)
    bucket.putPart(bucket.upload(id, request.key), number, part)
    const told = brought === undefined ? {} : { [checksumHeader(brought)]: received.checksums.get(brought)! }
    return emptyAnswer(200, { etag: part.etag, ...told })
  })
}

export interface OpenUpload {
  readonly id: string | null
  readonly upload: Upload
}

export function openUpload({ bucket, key, query }: S3Request, { store }: S3Context): OpenUpload {
  const id = query.get('uploadId')
  return { id, upload: store.bucket(bucket).upload(id, key) }
}

export function partNumber({ query }: S3Request): number {
  const number = Number(query.get('partNumber'))
  if (Number.isInteger(number) && number >= 1 && number <= MOST_PARTS) return number
  throw invalidArgument(`Part number must be an integer between 1 and ${MOST_PARTS}, inclusive`)
}

/** Every part needs a checksum of which the one of the object is made. */
export function checksumOf({ algorithm }: Upload): Algorithm {
  return algorithm ?? DEFAULT_ALGORITHM
}

/** An upload that was created for an algorithm takes no other, and a composite one needs that of each part. */
function checkAlgorithm({ algorithm, checksumType }: Upload, brought: Algorithm | undefined): void {
  if (algorithm === undefined || algorithm === brought) return
  if (brought === undefined && checksumType === 'FULL_OBJECT') return
  const types = `expected checksum Type: ${algorithm.toLowerCase()}, actual checksum Type: ${brought?.toLowerCase() ?? null}`
  throw invalidRequest(`Checksum Type mismatch occurred, ${types}`)
}

function uploaded(received: ReceivedContent): UploadedPart {
  return {
    content: received.content,
    etag: etagOf(received),
    checksums: received.checksums,
    lastModified: now(),
  }
}
