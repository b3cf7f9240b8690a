import { setTimeout as sleep } from 'node:timers/promises'
import { connectS3 } from './s3-client.ts'
import { isNotFound } from './s3-error.ts'
import type { S3Location } from './s3-location.ts'

/** An upload that was begun: nothing of it is visible until it is completed. Plain JSON. */
export interface Upload extends S3Location {
  readonly uploadId: string
  /** It took several requests to begin it: one whose answer was lost may have begun a twin, which holds nothing. */
  readonly repeated?: true
}

/** A part as S3 has it. Plain JSON. */
export interface UploadedPart {
  readonly number: number
  readonly etag: string
  /** Base64; what the SDK summed up and S3 found right. */
  readonly crc32?: string
}

/** Begins an upload. The metadata will be the object's. */
export async function createUpload(
  place: S3Location,
  metadata: Record<string, string>,
  contentType = 'text/csv',
): Promise<Upload> {
  const { client, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  const command = new sdk.CreateMultipartUploadCommand({
    Bucket,
    Key,
    Metadata: metadata,
    ContentType: contentType,
    ChecksumAlgorithm: 'CRC32',
  })
  const { UploadId, $metadata } = await client.send(command)
  return { ...place, uploadId: UploadId as string, ...(($metadata.attempts ?? 1) > 1 ? { repeated: true } : {}) }
}

/** Uploads one part. Repeating it with the same bytes changes nothing. */
export async function uploadPart(
  upload: Upload,
  number: number,
  body: Buffer,
  signal?: AbortSignal,
): Promise<UploadedPart> {
  const { client, sdk } = await connectS3(upload)
  const { bucket: Bucket, key: Key, uploadId: UploadId } = upload
  const command = new sdk.UploadPartCommand({
    Bucket,
    Key,
    UploadId,
    PartNumber: number,
    Body: body,
    ContentLength: body.length,
    ChecksumAlgorithm: 'CRC32',
  })
  const { ETag, ChecksumCRC32 } = await client.send(command, signal === undefined ? {} : { abortSignal: signal })
  return { number, etag: ETag as string, ...(ChecksumCRC32 === undefined ? {} : { crc32: ChecksumCRC32 }) }
}

/** What an object must be for a conditional write to replace it: that ETag, or not there at all. */
export type Condition = { readonly IfMatch: string } | { readonly IfNoneMatch: '*' }

/** Makes the object visible, at once, if the condition holds. Throws what S3 answered. */
export async function completeUpload(
  upload: Upload,
  parts: readonly UploadedPart[],
  condition: Partial<Condition>,
): Promise<void> {
  const { client, sdk } = await connectS3(upload)
  const { bucket: Bucket, key: Key, uploadId: UploadId } = upload
  const Parts = parts.map(({ number, etag, crc32 }) => ({
    PartNumber: number,
    ETag: etag,
    ...(crc32 === undefined ? {} : { ChecksumCRC32: crc32 }),
  }))
  const command = new sdk.CompleteMultipartUploadCommand({
    Bucket,
    Key,
    UploadId,
    MultipartUpload: { Parts },
    ...condition,
  })
  await client.send(command)
}

/**
 * Ends an upload and frees what it holds. Idempotent. A part that was on its way may arrive after the first request,
 * so it asks until there is nothing left.
 */
export async function abortUpload(upload: Upload): Promise<void> {
  const { client, sdk } = await connectS3(upload)
  const { bucket: Bucket, key: Key, uploadId: UploadId } = upload
  for (let attempt = 0; attempt < ABORTS; attempt++) {
    try {
      await client.send(new sdk.AbortMultipartUploadCommand({ Bucket, Key, UploadId }))
    } catch (error) {
      if (isNotFound(error)) return
      throw error
    }
    if ((await countParts(upload)) === undefined) return
    await sleep(ABORT_PAUSE_MS * attempt)
  }
}

/** Ends all uploads below a prefix that is this run's alone. Idempotent. */
export async function abortUploadsBelow(prefix: S3Location): Promise<void> {
  for (const upload of await listUploads(prefix, true)) await abortUpload(upload)
}

/** Undefined when there is no such upload. */
export async function countParts(upload: Upload): Promise<number | undefined> {
  const { client, sdk } = await connectS3(upload)
  const { bucket: Bucket, key: Key, uploadId: UploadId } = upload
  try {
    const { Parts = [] } = await client.send(new sdk.ListPartsCommand({ Bucket, Key, UploadId, MaxParts: 1 }))
    return Parts.length
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

export interface OpenUpload extends Upload {
  readonly initiated: Date
}

/** The uploads under way of one key, or of all keys below a prefix. */
export async function listUploads(place: S3Location, below: boolean): Promise<readonly OpenUpload[]> {
  const { client, sdk } = await connectS3(place)
  const { bucket, key } = place
  const found: OpenUpload[] = []
  let marker: { KeyMarker?: string | undefined; UploadIdMarker?: string | undefined } = {}
  for (;;) {
    const page = await client.send(new sdk.ListMultipartUploadsCommand({ Bucket: bucket, Prefix: key, ...marker }))
    for (const { Key = '', UploadId = '', Initiated } of page.Uploads ?? []) {
      if (below || Key === key)
        found.push({ bucket, key: Key, uploadId: UploadId, initiated: Initiated ?? new Date(0) })
    }
    if (!page.IsTruncated) return found
    marker = { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker }
  }
}

const ABORTS = 5
const ABORT_PAUSE_MS = 100
