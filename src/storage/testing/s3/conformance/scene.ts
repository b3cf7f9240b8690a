import assert from 'node:assert/strict'
import type { Readable } from 'node:stream'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  type CompleteMultipartUploadCommandInput,
  type CompleteMultipartUploadCommandOutput,
  CreateMultipartUploadCommand,
  type CreateMultipartUploadCommandInput,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandInput,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  type HeadObjectCommandInput,
  type HeadObjectCommandOutput,
  ListObjectsV2Command,
  type ListObjectsV2CommandInput,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type PutObjectCommandInput,
  type PutObjectCommandOutput,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
  type UploadPartCommandInput,
  type UploadPartCommandOutput,
} from '@aws-sdk/client-s3'

/** Checks by what they prove. */
export type Checks = Readonly<Record<string, (scene: Scene) => Promise<void>>>

export const MIB: number = 1024 * 1024

/** The smallest part that is not the last one. */
export const PART: number = 5 * MIB

/** An ETag that no object of ours has. */
export const FOREIGN_ETAG = '"00000000000000000000000000000000"'

export interface SceneUpload {
  readonly Key: string
  readonly UploadId: string
}

export type SceneBody = string | Buffer | Readable

type More<Input> = Partial<Omit<Input, 'Bucket'>>

/** One check at work: keys of its own in a bucket that it shares, and what all checks say often. */
export class Scene {
  readonly client: S3Client
  readonly bucket: string
  readonly prefix: string

  constructor(client: S3Client, bucket: string, prefix: string) {
    this.client = client
    this.bucket = bucket
    this.prefix = prefix
  }

  key(name = 'object'): string {
    return `${this.prefix}${name}`
  }

  put(Key: string, Body: SceneBody, more: More<PutObjectCommandInput> = {}): Promise<PutObjectCommandOutput> {
    return this.client.send(new PutObjectCommand({ Bucket: this.bucket, Key, Body, ...more }))
  }

  get(Key: string, more: More<GetObjectCommandInput> = {}): Promise<GetObjectCommandOutput> {
    return this.client.send(new GetObjectCommand({ Bucket: this.bucket, Key, ...more }))
  }

  async bytes(Key: string, more: More<GetObjectCommandInput> = {}): Promise<Buffer> {
    const { Body } = await this.get(Key, more)
    return Buffer.from(await Body!.transformToByteArray())
  }

  async text(Key: string, more: More<GetObjectCommandInput> = {}): Promise<string> {
    return (await this.bytes(Key, more)).toString()
  }

  head(Key: string, more: More<HeadObjectCommandInput> = {}): Promise<HeadObjectCommandOutput> {
    return this.client.send(new HeadObjectCommand({ Bucket: this.bucket, Key, ...more }))
  }

  async delete(Key: string): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key }))
  }

  /** Of the keys of this check. */
  list(more: More<ListObjectsV2CommandInput> = {}): Promise<ListObjectsV2CommandOutput> {
    return this.client.send(new ListObjectsV2Command({ Bucket: this.bucket, Prefix: this.prefix, ...more }))
  }

  async createUpload(Key: string, more: More<CreateMultipartUploadCommandInput> = {}): Promise<SceneUpload> {
    const command = new CreateMultipartUploadCommand({ Bucket: this.bucket, Key, ...more })
    const { UploadId } = await this.client.send(command)
    return { Key, UploadId: UploadId! }
  }

  uploadPart(
    upload: SceneUpload,
    PartNumber: number,
    Body: SceneBody,
    more: More<UploadPartCommandInput> = {},
  ): Promise<UploadPartCommandOutput> {
    return this.client.send(new UploadPartCommand({ Bucket: this.bucket, ...upload, PartNumber, Body, ...more }))
  }

  /** One after the other, numbered from 1. */
  async uploadParts(upload: SceneUpload, bodies: readonly (Buffer | string)[]): Promise<CompletedPart[]> {
    const parts: CompletedPart[] = []
    for (const [index, body] of bodies.entries()) {
      const { ETag } = await this.uploadPart(upload, index + 1, body)
      parts.push({ PartNumber: index + 1, ETag })
    }
    return parts
  }

  complete(
    upload: SceneUpload,
    Parts: CompletedPart[],
    more: More<CompleteMultipartUploadCommandInput> = {},
  ): Promise<CompleteMultipartUploadCommandOutput> {
    const input = { Bucket: this.bucket, ...upload, MultipartUpload: { Parts }, ...more }
    return this.client.send(new CompleteMultipartUploadCommand(input))
  }

  /** An object of several parts. */
  async putParts(Key: string, bodies: readonly (Buffer | string)[]): Promise<CompleteMultipartUploadCommandOutput> {
    const upload = await this.createUpload(Key)
    return this.complete(upload, await this.uploadParts(upload, bodies))
  }
}

/** Waits for a refusal. What answers HEAD has no code, only a status. */
export async function refused(work: Promise<unknown>, status: number, code?: string): Promise<void> {
  const outcome = await work.then(
    () => 'it was accepted',
    (error) => error,
  )
  assert.ok(outcome instanceof S3ServiceException, `expected ${status} ${code ?? ''}, but ${outcome}`)
  assert.equal(outcome.$metadata.httpStatusCode, status, `${outcome}`)
  if (code !== undefined) assert.equal(outcome.name, code)
}
