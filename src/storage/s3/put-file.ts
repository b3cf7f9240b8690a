import { closeSync, openSync, readSync } from 'node:fs'
import { abortUpload, completeUpload, createUpload, listUploads } from './multipart-upload.ts'
import { connectS3 } from './s3-client.ts'
import type { S3Location } from './s3-location.ts'
import { uploadFiles } from './upload-files.ts'

/** The bytes [from, to) of a file. */
export interface FileRange {
  readonly path: string
  readonly from: number
  readonly to: number
}

export interface PutOptions {
  readonly contentType: string
  readonly metadata?: Readonly<Record<string, string>>
}

/** Makes an object of a part of a file, however long. Replaces what is there; repeating it is harmless. */
export async function putFile(place: S3Location, range: FileRange, options: PutOptions): Promise<void> {
  if (range.to - range.from <= ONE_REQUEST) await putBytes(place, readRange(range), options)
  else await putParts(place, range, options)
}

export async function putBytes(place: S3Location, body: Uint8Array, options: PutOptions): Promise<void> {
  const { client, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  const { contentType: ContentType, metadata: Metadata = {} } = options
  // The length is named, for a body that is empty has none otherwise.
  const input = { Bucket, Key, Body: body, ContentLength: body.length, ContentType, Metadata }
  await client.send(new sdk.PutObjectCommand(input))
}

function readRange({ path, from, to }: FileRange): Buffer {
  const bytes = Buffer.alloc(to - from)
  const file = openSync(path, 'r')
  try {
    const read = readSync(file, bytes, 0, bytes.length, from)
    if (read < bytes.length) throw new Error(`${path} was cut off at byte ${from + read}`)
    return bytes
  } finally {
    closeSync(file)
  }
}

async function putParts(
  place: S3Location,
  { path, from, to }: FileRange,
  { contentType, metadata = {} }: PutOptions,
): Promise<void> {
  // Of a process that died at this very place.
  for (const earlier of await listUploads(place, false)) await abortUpload(earlier)
  const upload = await createUpload(place, { ...metadata }, contentType)
  try {
    const cut: [number, number][] = from === 0 ? [] : [[0, from]]
    const { parts } = await uploadFiles(upload, [{ split: 0, path, rows: 0, bytes: to, sha256: '', cut }])
    await completeUpload(upload, parts, {})
  } catch (error) {
    await abortUpload(upload)
    throw error
  }
}

const ONE_REQUEST = 8 << 20
