import { checksumHeader } from '../bodies/checksums.ts'
import { S3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { ObjectChecksum } from '../store.ts'

const KEPT = ['content-type', 'content-language', 'content-disposition', 'cache-control', 'expires']

const METADATA = 'x-amz-meta-'

const MOST_METADATA_BYTES = 2048

/** What a client says of an object, and every reader is told again. */
export function objectHeaders({ headers }: S3Request): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => KEPT.includes(name) || name.startsWith(METADATA))
  checkMetadata(kept.filter(([name]) => name.startsWith(METADATA)))
  const encoding = contentEncoding(headers)
  return {
    'content-type': 'application/octet-stream',
    ...Object.fromEntries(kept),
    ...(encoding === '' ? {} : { 'content-encoding': encoding }),
  }
}

function checkMetadata(metadata: readonly [string, string | undefined][]): void {
  const size = metadata.reduce((sum, [name, value = '']) => sum + name.length - METADATA.length + value.length, 0)
  if (size <= MOST_METADATA_BYTES) return
  throw new S3Error(400, 'MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size')
}

/** Without the framing of the request, which is not a part of the object. */
function contentEncoding(headers: S3Request['headers']): string {
  const encodings = (headers['content-encoding'] ?? '').split(',').map((encoding) => encoding.trim())
  return encodings.filter((encoding) => encoding !== '' && encoding !== 'aws-chunked').join(',')
}

export function checksumHeaders({ algorithm, value, type }: ObjectChecksum): Record<string, string> {
  return { [checksumHeader(algorithm)]: value, 'x-amz-checksum-type': type }
}
