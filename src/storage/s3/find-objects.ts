import type { Readable } from 'node:stream'
import { SluiceError } from '../../errors.ts'
import { openBody } from './object-body.ts'
import type { S3Object } from './read-object.ts'
import { connectS3 } from './s3-client.ts'
import { isNotFound, s3Error, statusOf } from './s3-error.ts'
import { formatS3, isPrefix, parseS3, type S3Location } from './s3-location.ts'

/**
 * The object itself, or the visible objects of a prefix in the order of their keys (by UTF-8 bytes, as S3 lists them).
 * Hidden are those below a name that begins with "." or "_", and empty markers of folders.
 *
 * @throws SluiceError `source-not-found` when there is nothing.
 */
export async function findObjects(location: string, signal: AbortSignal): Promise<readonly S3Object[]> {
  const place = parseS3(location)
  try {
    const found = isPrefix(place) ? await listObjects(place, signal) : [await lookAt(place, signal)]
    if (found.length > 0) return found
  } catch (error) {
    throw s3Error(error, isMissing(error) ? 'source-not-found' : 'source-failed', `Cannot read ${location}`)
  }
  throw new SluiceError('source-not-found', `No object lies below ${location}. Check the prefix.`)
}

/** An object or its bucket does not exist. */
export function isMissing(error: unknown): boolean {
  return isNotFound(error) || (error as Error).name === 'NoSuchBucket'
}

async function lookAt(place: S3Location, signal: AbortSignal): Promise<S3Object> {
  const found = await headObject(place, signal)
  if (found !== undefined) return found
  const folder = { ...place, key: `${place.key}/` }
  const hint =
    (await listObjects(folder, signal)).length > 0
      ? ` For the objects below it write ${formatS3(folder)}.`
      : ' Check the key.'
  throw new SluiceError('source-not-found', `There is no object ${formatS3(place)}.${hint}`)
}

/** Undefined when there is no such object. A bucket that does not exist is an error. */
export async function headObject(
  place: S3Location,
  signal?: AbortSignal,
): Promise<(S3Object & { readonly metadata: Readonly<Record<string, string>> }) | undefined> {
  const { client, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  const options = signal === undefined ? {} : { abortSignal: signal }
  try {
    const {
      ETag,
      ContentLength,
      Metadata = {},
    } = await client.send(new sdk.HeadObjectCommand({ Bucket, Key }), options)
    return { ...place, etag: ETag as string, bytes: ContentLength as number, metadata: Metadata }
  } catch (error) {
    if (!isNotFound(error)) throw await reasonOf(error, place, signal)
    // The answer to a HEAD has no body that tells a missing key from a missing bucket.
    await client.send(new sdk.HeadBucketCommand({ Bucket }), options).catch((cause) => {
      if (!isNotFound(cause)) return
      throw Object.assign(new Error(`the bucket ${Bucket} does not exist`), { name: 'NoSuchBucket', cause })
    })
    return undefined
  }
}

/**
 * What a HEAD was refused for, which it has no body to say: asked for a byte instead, S3 tells it. The refusal itself
 * where the second answer is another one.
 */
async function reasonOf(refusal: unknown, place: S3Location, signal = new AbortController().signal): Promise<unknown> {
  const status = statusOf(refusal)
  if (status === undefined || status >= 500) return refusal
  const answer = await openBody(place, { range: { start: 0, end: 1 } }, signal).catch((error: unknown) => error)
  if (statusOf(answer) === status) return answer
  ;(answer as { Body?: Readable }).Body?.destroy()
  return refusal
}

/** All objects below a prefix, hidden ones among them unless `visible`. */
export async function listObjects(place: S3Location, signal?: AbortSignal, visible = true): Promise<S3Object[]> {
  const { client, sdk } = await connectS3(place)
  const { bucket, key } = place
  const found: S3Object[] = []
  const options = signal === undefined ? {} : { abortSignal: signal }
  for (let token: string | undefined; ; ) {
    const command = new sdk.ListObjectsV2Command({
      Bucket: bucket,
      Prefix: key,
      ...(token && { ContinuationToken: token }),
    })
    const page = await client.send(command, options)
    for (const { Key = '', ETag = '', Size = 0 } of page.Contents ?? []) {
      if (!visible || isVisible(Key.slice(key.length))) found.push({ bucket, key: Key, etag: ETag, bytes: Size })
    }
    token = page.NextContinuationToken
    if (!page.IsTruncated || token === undefined) return found
  }
}

function isVisible(name: string): boolean {
  return name !== '' && !name.endsWith('/') && !/(^|\/)[._]/.test(name)
}
