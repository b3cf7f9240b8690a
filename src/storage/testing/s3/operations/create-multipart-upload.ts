import { randomBytes } from 'node:crypto'
import { type Algorithm, type ChecksumType, parseAlgorithm } from '../bodies/checksums.ts'
import { readBody } from '../bodies/request-body.ts'
import { type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { invalidRequest, malformedXml } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { Upload } from '../store.ts'
import { objectHeaders } from './object-headers.ts'

export async function createMultipartUpload(request: S3Request, context: S3Context): Promise<S3Answer> {
  await readBody(request, () => {
    throw malformedXml()
  })
  const bucket = context.store.bucket(request.bucket)
  const named = request.headers['x-amz-checksum-algorithm']
  const algorithm = named === undefined ? undefined : parseAlgorithm(named)
  const upload: Upload = {
    id: randomBytes(24).toString('base64url'),
    key: request.key,
    headers: objectHeaders(request),
    algorithm,
    checksumType: checksumType(request.headers['x-amz-checksum-type'], algorithm),
    initiated: new Date(),
    parts: new Map(),
  }
  bucket.uploads.set(upload.id, upload)
  return xmlAnswer('InitiateMultipartUploadResult', { Bucket: request.bucket, Key: request.key, UploadId: upload.id })
}

function checksumType(named: string | undefined, algorithm: Algorithm | undefined): ChecksumType {
  if (algorithm === undefined && named !== undefined) {
    throw invalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
  }
  const usual = algorithm === undefined || algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE'
  const type = named ?? usual
  if (type !== 'FULL_OBJECT' && type !== 'COMPOSITE') throw invalidRequest(`Unknown checksum type ${type}.`)
  // Only a CRC can be made from those of the parts, and this one cannot be composed.
  const impossible = type === 'FULL_OBJECT' ? /^SHA/ : /^CRC64/
  if (impossible.test(algorithm ?? '')) {
    throw invalidRequest(`The ${type} checksum type cannot be used with the ${algorithm} checksum algorithm.`)
  }
  return type
}
