import { formatS3, isPrefix } from '../../storage/s3/s3-location.ts'
import { badEvent } from './bad-event.ts'

/** An object of S3 that an event tells of. */
export interface ObjectRecord {
  /** What happened, such as `ObjectCreated:Put` or `Object Created`. */
  readonly event: string
  readonly bucket: string
  /** As it is, not URL-encoded. */
  readonly key: string
  /** `s3://bucket/key` */
  readonly source: string
  readonly size?: number
  /** Without quotes. */
  readonly etag?: string
  /** Of a bucket that keeps versions. */
  readonly versionId?: string
  /** Of the event. */
  readonly correlationId?: string
}

type Fields = Readonly<Record<string, unknown>>

/** A record of an S3 notification, in which the key is URL-encoded as in a form. Throws `usage`. */
export function notificationRecord(record: Fields): ObjectRecord {
  const { bucket = {}, object = {} } = fieldsOf(record['s3'])
  const { key, size, eTag, versionId } = fieldsOf(object)
  const { 'x-amz-request-id': requestId } = fieldsOf(record['responseElements'])
  return objectRecord({
    event: String(record['eventName']).replace(/^s3:/, ''),
    bucket: fieldsOf(bucket)['name'],
    key: typeof key === 'string' ? decodeKey(key) : key,
    ...{ size, etag: eTag, versionId, correlationId: requestId },
  })
}

/** An event of EventBridge, in which the key stands as it is. Throws `usage`. */
export function eventBridgeRecord(event: Fields): ObjectRecord {
  const { bucket = {}, object = {} } = fieldsOf(event['detail'])
  const { key, size, etag, 'version-id': versionId } = fieldsOf(object)
  return objectRecord({
    event: String(event['detail-type']),
    bucket: fieldsOf(bucket)['name'],
    ...{ key, size, etag, versionId, correlationId: event['id'] },
  })
}

/** Why no run can be meant by the record; undefined when one is. */
export function reasonToPass({ event, bucket, key }: ObjectRecord): string | undefined {
  if (!/^Object ?Created(:|$)/.test(event)) return `it tells of ${event}, not of an object that was created`
  if (isPrefix({ bucket, key })) return 'it is a marker of a folder'
  // As for whoever reads a prefix. Staging and state of runs are hidden, too: they must not start others.
  return /(^|\/)[._]/.test(key) ? 'it is hidden: a part of its key begins with "." or "_"' : undefined
}

function objectRecord(found: Fields): ObjectRecord {
  const { event, bucket, key, size, etag, versionId, correlationId } = found
  if (!isText(bucket) || !isText(key)) throw badEvent('it tells of S3, but names no bucket and key')
  return {
    event: event as string,
    bucket,
    key,
    source: formatS3({ bucket, key }),
    ...(typeof size === 'number' ? { size } : {}),
    ...(isText(etag) ? { etag: etag.replaceAll('"', '') } : {}),
    // Of what was there before the bucket kept versions.
    ...(isText(versionId) && versionId !== 'null' ? { versionId } : {}),
    ...(isText(correlationId) ? { correlationId } : {}),
  }
}

function decodeKey(key: string): string {
  try {
    return decodeURIComponent(key.replaceAll('+', ' '))
  } catch (error) {
    throw badEvent('the key of an object is not URL-encoded as S3 does it', error)
  }
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
