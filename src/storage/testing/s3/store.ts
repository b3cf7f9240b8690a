import type { Algorithm, ChecksumType } from './bodies/checksums.ts'
import type { Content } from './bodies/content.ts'
import { noSuchKey, S3Error } from './protocol/s3-error.ts'

export interface ObjectChecksum {
  readonly algorithm: Algorithm
  readonly value: string
  readonly type: ChecksumType
}

export interface StoredObject {
  readonly content: Content
  /** In quotes, as headers have it. */
  readonly etag: string
  readonly checksum: ObjectChecksum
  /** The headers that a client gave it and gets again: metadata, type, encoding. */
  readonly headers: Readonly<Record<string, string>>
  readonly lastModified: Date
}

export interface UploadedPart {
  readonly content: Content
  readonly etag: string
  /** Of the default algorithm, of the one of the upload, and of the one that came with the part. */
  readonly checksums: ReadonlyMap<Algorithm, string>
  readonly lastModified: Date
}

/** A multipart upload that is neither completed nor aborted. */
export interface Upload {
  readonly id: string
  readonly key: string
  readonly headers: Readonly<Record<string, string>>
  /** Undefined when the client named none, so that parts may bring any. */
  readonly algorithm: Algorithm | undefined
  readonly checksumType: ChecksumType
  readonly initiated: Date
  readonly parts: Map<number, UploadedPart>
}

export class Bucket {
  readonly created: Date = now()
  readonly objects: Map<string, StoredObject> = new Map()
  readonly uploads: Map<string, Upload> = new Map()

  object(key: string): StoredObject {
    const object = this.objects.get(key)
    if (object === undefined) throw noSuchKey(key)
    return object
  }

  put(key: string, object: StoredObject): void {
    object.content.retain()
    this.delete(key)
    this.objects.set(key, object)
  }

  delete(key: string): void {
    this.objects.get(key)?.content.release()
    this.objects.delete(key)
  }

  upload(id: string | null, key: string): Upload {
    const upload = this.uploads.get(id ?? '')
    if (upload?.key === key) return upload
    throw new S3Error(404, 'NoSuchUpload', 'The specified multipart upload does not exist.')
  }

  putPart(upload: Upload, number: number, part: UploadedPart): void {
    part.content.retain()
    upload.parts.get(number)?.content.release()
    upload.parts.set(number, part)
  }

  endUpload(upload: Upload): void {
    for (const { content } of upload.parts.values()) content.release()
    this.uploads.delete(upload.id)
  }
}

export class Store {
  readonly buckets: Map<string, Bucket> = new Map()

  bucket(name: string): Bucket {
    const bucket = this.buckets.get(name)
    if (bucket === undefined) throw new S3Error(404, 'NoSuchBucket', 'The specified bucket does not exist')
    return bucket
  }
}

/** In whole seconds, as HTTP knows time. */
export function now(): Date {
  return new Date(Math.floor(Date.now() / 1000) * 1000)
}
