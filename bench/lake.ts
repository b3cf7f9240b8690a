import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import {
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { type S3ServerChild, startS3ServerChild } from '../src/storage/testing/s3/s3-server-child.ts'
import { testClient } from '../src/storage/testing/s3/test-client.ts'

/** An S3 in a process of its own that holds one input. */
export interface Lake extends AsyncDisposable {
  readonly server: S3ServerChild
  readonly input: string
  /** What programs need to find it. */
  readonly environment: Readonly<Record<string, string>>
  /** The bytes of an object, in order. */
  read(address: string): Promise<AsyncIterable<Uint8Array>>
}

export async function openLake(path: string): Promise<Lake> {
  const server = await startS3ServerChild({ buckets: [BUCKET] })
  const client = testClient(server)
  const upload = { Bucket: BUCKET, Key: INPUT }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand(upload))
  const Parts: CompletedPart[] = []
  for await (const Body of partsOf(path)) {
    const PartNumber = Parts.length + 1
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, UploadId, PartNumber, Body }))
    Parts.push({ PartNumber, ETag })
  }
  await client.send(new CompleteMultipartUploadCommand({ ...upload, UploadId, MultipartUpload: { Parts } }))
  return {
    server,
    input: `s3://${BUCKET}/${INPUT}`,
    environment: {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
    },
    read: async (address) => {
      const Key = address.slice(`s3://${BUCKET}/`.length)
      const { Body } = await client.send(new GetObjectCommand({ Bucket: BUCKET, Key }))
      return Body as AsyncIterable<Uint8Array>
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await server.close()
    },
  }
}

/** Where programs write. */
export function lakeOutput(name: string): string {
  return `s3://${BUCKET}/out/${name}`
}

export async function sha256Of(bytes: AsyncIterable<Uint8Array>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of bytes) hash.update(chunk)
  return hash.digest('hex')
}

async function* partsOf(path: string): AsyncGenerator<Buffer> {
  await using file = await open(path)
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PART), 0, PART)
    if (bytesRead > 0) yield buffer.subarray(0, bytesRead)
    if (bytesRead < PART) return
  }
}

const BUCKET = 'lake'
const INPUT = 'in.csv'
const PART = 8 << 20
