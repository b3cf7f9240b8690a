import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readFile as readLocal, stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { headObject } from './find-objects.ts'
import { abortUpload, type Condition, createUpload, listUploads } from './multipart-upload.ts'
import { bytesOf, openBody } from './object-body.ts'
import { readObject } from './read-object.ts'
import { connectS3 } from './s3-client.ts'
import { isConflict, isNotFound } from './s3-error.ts'
import type { S3Location } from './s3-location.ts'
import { ATTEMPTS, pauseBefore, repeating } from './s3-retries.ts'
import { completeOwn, RUN_ID } from './settle-upload.ts'
import { uploadFiles } from './upload-files.ts'

/** Records that fit in memory, such as journals. Undefined when there is no such object. */
export async function readText(
  place: S3Location,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly text: string; readonly etag: string } | undefined> {
  const found = await readBytes(place, signal)
  return found === undefined ? undefined : { text: found.bytes.toString(), etag: found.etag }
}

/** The same as bytes. */
export async function readBytes(
  place: S3Location,
  signal: AbortSignal = new AbortController().signal,
): Promise<{ readonly bytes: Buffer; readonly etag: string } | undefined> {
  try {
    return await repeating(async () => {
      const answer = await openBody(place, {}, signal)
      return { bytes: await bytesOf(answer, signal), etag: answer.ETag as string }
    }, signal)
  } catch (error) {
    if (isNotFound(error) && (error as Error).name === 'NoSuchKey') return undefined
    throw error
  }
}

/**
 * Writes a record if the condition holds, and returns its ETag. An answer that is lost, and repeated by the SDK, comes
 * back as a refusal of our own success: what stands there then says so. Throws the refusal when it is another one's.
 */
export async function writeText(place: S3Location, text: string, condition: Partial<Condition> = {}): Promise<string> {
  const { client, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  for (let attempt = 1; ; attempt++) {
    try {
      const { ETag } = await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body: text, ...condition }))
      return ETag as string
    } catch (error) {
      const now = await readText(place).catch(() => undefined)
      if (now?.text === text) return now.etag
      // Two conditional writes met, perhaps a request of ours and its repetition: the condition alone says who is late.
      if (!isConflict(error) || attempt === ATTEMPTS) throw error
      await sleep(pauseBefore(attempt, false))
    }
  }
}

/** Idempotent. */
export async function removeObject(place: S3Location): Promise<void> {
  const { client, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  await client.send(new sdk.DeleteObjectCommand({ Bucket, Key }))
}

/** Of any size, to a place that is this run's alone. Repeating it is harmless. */
export async function writeFile(place: S3Location, path: string): Promise<void> {
  const { size: bytes } = await stat(path)
  if (bytes <= SMALL) return await writeBytes(place, await readLocal(path))
  const id = randomUUID()
  const upload = await createUpload(place, { [RUN_ID]: id })
  try {
    const { parts } = await uploadFiles(upload, [{ split: 0, path, rows: 0, bytes, sha256: '' }])
    await completeOwn(upload, parts, id)
    if (upload.repeated) for (const twin of await listUploads(place, false)) await abortUpload(twin)
  } catch (error) {
    await abortUpload(upload)
    throw error
  }
}

/** Bytes that fit in memory, to a place that is this run's alone. Repeating it is harmless. */
export async function writeBytes(place: S3Location, Body: Buffer): Promise<void> {
  const { client, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  await client.send(new sdk.PutObjectCommand({ Bucket, Key, Body }))
}

/** False when there is no such object. */
export async function readFile(place: S3Location, path: string, signal: AbortSignal): Promise<boolean> {
  const object = await headObject(place, signal)
  if (object === undefined) return false
  await pipeline(readObject(object, { signal }), createWriteStream(path, { mode: 0o600 }))
  return true
}

/** One request is enough. */
const SMALL = 1 << 20
