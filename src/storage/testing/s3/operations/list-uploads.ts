import { checksumElement } from '../bodies/checksums.ts'
import { type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { Upload } from '../store.ts'
import { nameEncoding, pageSize } from './list-objects.ts'
import { compareUtf8 } from './listing.ts'
import { openUpload } from './upload-part.ts'

/** The uploads of a bucket that are neither completed nor aborted. */
export function listMultipartUploads({ bucket, query }: S3Request, { store }: S3Context): S3Answer {
  const prefix = query.get('prefix') ?? ''
  const most = pageSize(query.get('max-uploads'), 'max-uploads')
  const marker = { key: query.get('key-marker') ?? '', id: query.get('upload-id-marker') ?? '' }
  const rest = [...store.bucket(bucket).uploads.values()]
    .filter((upload) => upload.key.startsWith(prefix) && isBehind(upload, marker))
    .sort(compareUploads)
  const page = rest.slice(0, most)
  const last = rest.length > page.length ? page.at(-1) : undefined
  const encode = nameEncoding(query)
  return xmlAnswer('ListMultipartUploadsResult', {
    Bucket: bucket,
    KeyMarker: encode(marker.key),
    UploadIdMarker: marker.id,
    NextKeyMarker: last && encode(last.key),
    NextUploadIdMarker: last?.id,
    EncodingType: query.get('encoding-type') ?? undefined,
    Prefix: encode(prefix),
    MaxUploads: most,
    IsTruncated: last !== undefined,
    Upload: page.map(({ id, key, initiated }) => ({
      Key: encode(key),
      UploadId: id,
      StorageClass: 'STANDARD',
      Initiated: initiated.toISOString(),
    })),
  })
}

type UploadName = Pick<Upload, 'id' | 'key'>

/** Without the marker of an upload, all of the marked key are behind the page. */
function isBehind(upload: Upload, marker: UploadName): boolean {
  if (marker.key === '') return true
  return marker.id === '' ? compareUtf8(upload.key, marker.key) > 0 : compareUploads(upload, marker) > 0
}

function compareUploads(a: UploadName, b: UploadName): number {
  return compareUtf8(a.key, b.key) || compareUtf8(a.id, b.id)
}

export function listParts(request: S3Request, context: S3Context): S3Answer {
  const { upload } = openUpload(request, context)
  const most = pageSize(request.query.get('max-parts'), 'max-parts')
  const marker = Number(request.query.get('part-number-marker') ?? 0)
  const rest = [...upload.parts].filter(([number]) => number > marker).sort(([a], [b]) => a - b)
  const page = rest.slice(0, most)
  const truncated = rest.length > page.length
  return xmlAnswer('ListPartsResult', {
    Bucket: request.bucket,
    Key: request.key,
    UploadId: upload.id,
    PartNumberMarker: marker,
    NextPartNumberMarker: truncated ? page.at(-1)?.[0] : undefined,
    MaxParts: most,
    IsTruncated: truncated,
    ChecksumAlgorithm: upload.algorithm,
    ChecksumType: upload.algorithm && upload.checksumType,
    Part: page.map(([number, { content, etag, checksums, lastModified }]) => ({
      PartNumber: number,
      LastModified: lastModified.toISOString(),
      ETag: etag,
      Size: content.length,
      ...Object.fromEntries([...checksums].map(([algorithm, value]) => [checksumElement(algorithm), value])),
    })),
  })
}
