import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'

/** A client of a test server, without retries, which would hide faults. */
export function testClient({ endpoint }: { readonly endpoint: string }, more: S3ClientConfig = {}): S3Client {
  return new S3Client({
    endpoint,
    region: 'us-east-1',
    forcePathStyle: true,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
    ...more,
  })
}
