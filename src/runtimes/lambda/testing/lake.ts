import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../../../storage/testing/s3/s3-server.ts'
import { testClient } from '../../../storage/testing/s3/test-client.ts'
import type { Told } from './events.ts'

/** An S3 with the buckets `landing` and `silver`. */
export interface Lake extends AsyncDisposable {
  readonly server: S3Server
  /** What a function needs to find it. */
  readonly env: Readonly<Record<string, string>>
  /** Puts an object into `landing`, and returns what its event tells. */
  put(key: string, text: string): Promise<Told>
  textAt(key: string): Promise<string | undefined>
  /** The keys in `silver` that begin so. */
  keys(prefix: string): readonly string[]
  /** How many uploads to `silver` are open. */
  openUploads(): number
}

export async function startLake(): Promise<Lake> {
  const server = await startS3Server({ buckets: ['landing', 'silver'] })
  const client = testClient(server)
  const copy = mkdtempSync(join(tmpdir(), 'sluice-lambda-'))
  const silver = server.buckets.get('silver')!
  return {
    server,
    env: {
      AWS_ENDPOINT_URL_S3: server.endpoint,
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_REGION: 'us-east-1',
      SLUICE_COPY: copy,
    },
    put: async (key, text) => {
      const { ETag = '' } = await client.send(new PutObjectCommand({ Bucket: 'landing', Key: key, Body: text }))
      return { bucket: 'landing', key, etag: ETag.replaceAll('"', '') }
    },
    textAt: async (key) => {
      const object = silver.objects.get(key)
      return object && Buffer.concat(await Array.fromAsync(object.content.read())).toString()
    },
    keys: (prefix) => [...silver.objects.keys()].filter((key) => key.startsWith(prefix)),
    openUploads: () => silver.uploads.size,
    [Symbol.asyncDispose]: async () => {
      await server.close()
      rmSync(copy, { recursive: true, force: true })
    },
  }
}
