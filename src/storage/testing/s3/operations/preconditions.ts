import { noSuchKey, notImplemented, preconditionFailed, S3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { StoredObject } from '../store.ts'

/**
 * Throws unless the key may be written or deleted, as the client asked. To be called in the same turn of the event
 * loop as the change itself: this is what makes the two one step.
 */
export function checkWriteConditions(
  { headers, key }: Pick<S3Request, 'headers' | 'key'>,
  current: StoredObject | undefined,
): void {
  const noneMatch = headers['if-none-match']
  if (noneMatch !== undefined) {
    if (noneMatch !== '*') throw notImplemented('If-None-Match with an ETag where something is written')
    if (current !== undefined) throw preconditionFailed('If-None-Match')
  }
  const match = headers['if-match']
  if (match === undefined) return
  if (current === undefined) throw noSuchKey(key)
  if (!matches(match, current)) throw preconditionFailed('If-Match')
}

/** A list that holds the ETag, or the star that stands for any. */
function matches(condition: string, { etag }: StoredObject): boolean {
  const unquoted = (text: string) => text.trim().replaceAll('"', '')
  return condition.split(',').some((one) => one.trim() === '*' || unquoted(one) === unquoted(etag))
}

/** Throws 412 or 304 unless the client wants the object as it is. */
export function checkReadConditions(request: S3Request, object: StoredObject): void {
  const failed = failedCondition(request, object, '')
  if (failed === undefined) return
  if (failed === 'if-none-match' || failed === 'if-modified-since')
    throw new S3Error(304, 'NotModified', 'Not Modified')
  throw preconditionFailed(failed)
}

/** The same for the source of a copy, where everything is a 412. */
export function checkCopyConditions(request: S3Request, source: StoredObject): void {
  const failed = failedCondition(request, source, 'x-amz-copy-source-')
  if (failed !== undefined) throw preconditionFailed(failed)
}

/** Conditions on ETags go before those on dates. */
function failedCondition({ headers }: S3Request, object: StoredObject, prefix: string): string | undefined {
  const at = (name: string) => headers[`${prefix}${name}`]
  const match = at('if-match')
  const noneMatch = at('if-none-match')
  const unmodified = at('if-unmodified-since')
  const modified = at('if-modified-since')
  if (match !== undefined && !matches(match, object)) return 'if-match'
  if (match === undefined && unmodified !== undefined && object.lastModified > new Date(unmodified)) {
    return 'if-unmodified-since'
  }
  if (noneMatch !== undefined && matches(noneMatch, object)) return 'if-none-match'
  if (noneMatch === undefined && modified !== undefined && object.lastModified <= new Date(modified)) {
    return 'if-modified-since'
  }
  return undefined
}
