import { emptyAnswer, type S3Answer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { openUpload } from './upload-part.ts'

export function abortMultipartUpload(request: S3Request, context: S3Context): S3Answer {
  const { upload } = openUpload(request, context)
  context.store.bucket(request.bucket).endUpload(upload)
  return emptyAnswer(204)
}
