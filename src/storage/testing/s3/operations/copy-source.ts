import type { S3Context } from '../protocol/s3-context.ts'
import { accessDenied, invalidArgument, notImplemented } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { StoredObject } from '../store.ts'
import { checkCopyConditions } from './preconditions.ts'

export interface CopySource {
  readonly bucket: string
  readonly key: string
  readonly object: StoredObject
}

/** The object that x-amz-copy-source names, when it may be read and is as the client expects it. */
export function copySource(request: S3Request, { store, may }: S3Context): CopySource {
  const header = request.headers['x-amz-copy-source']!
  if (header.includes('?')) throw notImplemented('versions')
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/.exec(header) ?? []
  if (bucket === undefined || key === undefined) {
    throw invalidArgument('Copy Source must mention the source bucket and key: sourcebucket/sourcekey')
  }
  if (!may('s3:GetObject')) throw accessDenied()
  const name = decodeURIComponent(key)
  const object = store.bucket(bucket).object(name)
  checkCopyConditions(request, object)
  return { bucket, key: name, object }
}
