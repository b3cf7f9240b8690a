import { after } from 'node:test'
import { S3Client } from '@aws-sdk/client-s3'
import { s3Conformance } from './conformance.contract.ts'
import { startS3Server } from './s3-server.ts'
import { testClient } from './test-client.ts'

const { S3_CONFORMANCE_ENDPOINT: endpoint, S3_CONFORMANCE_BUCKET: bucket } = process.env

if (endpoint === undefined) await proveOurs()
else proveOther(endpoint)

async function proveOurs(): Promise<void> {
  const server = await startS3Server({ buckets: ['conformance'] })
  const client = testClient(server)
  after(async () => {
    client.destroy()
    await server.close()
  })
  s3Conformance({ name: 'the test server', client, bucket: 'conformance' })
}

/** With the credentials and the region that the environment has. Names to skip stand one a line. */
function proveOther(endpoint: string): void {
  if (bucket === undefined) throw new Error('set S3_CONFORMANCE_BUCKET, too')
  const client = new S3Client({ endpoint, forcePathStyle: true, maxAttempts: 1 })
  after(() => client.destroy())
  const skip = process.env['S3_CONFORMANCE_SKIP']?.split('\n').filter((name) => name !== '') ?? []
  s3Conformance({ name: endpoint, client, bucket, skip })
}
