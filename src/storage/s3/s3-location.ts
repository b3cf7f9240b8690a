import { SluiceError } from '../../errors.ts'

/** An object, or (with a key that is empty or ends in "/") all objects of a prefix. */
export interface S3Location {
  readonly bucket: string
  readonly key: string
}

export function isS3(location: string): boolean {
  return location.startsWith('s3://')
}

/**
 * Reads `s3://bucket/key`. The key stands as it is, not URL-encoded. Bucket names by the rules of Amazon S3.
 *
 * @throws SluiceError `usage` for anything else.
 */
export function parseS3(location: string): S3Location {
  const [, bucket, key] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(location) ?? []
  if (bucket === undefined || key === undefined || bucket === '') {
    throw new SluiceError(
      'usage',
      `${location} is no address of an object; write s3://bucket/key or s3://bucket/prefix/.`,
    )
  }
  if (!BUCKET.test(bucket)) {
    const rule = '3 to 63 lower-case letters, digits, dots and hyphens'
    throw new SluiceError('usage', `${location}: no bucket can be named ${bucket}; names are ${rule}.`)
  }
  const bytes = Buffer.byteLength(key)
  if (bytes <= LONGEST_KEY) return { bucket, key }
  throw new SluiceError('usage', `${location}: the key has ${bytes} bytes; S3 takes ${LONGEST_KEY}.`)
}

export function formatS3({ bucket, key }: S3Location): string {
  return `s3://${bucket}/${key}`
}

export function isPrefix({ key }: S3Location): boolean {
  return key === '' || key.endsWith('/')
}

const LONGEST_KEY = 1024
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/
