import { basename } from 'node:path'
import { after, before } from 'node:test'
import { ListMultipartUploadsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../testing/s3/s3-server.ts'
import { testClient } from '../testing/s3/test-client.ts'
import { targetContract } from '../testing/target-contract.ts'
import { headObject } from './find-objects.ts'
import { readObject } from './read-object.ts'
import { parseS3 } from './s3-location.ts'
import { readManifest } from './s3-manifest.ts'
import { s3ObjectTarget } from './s3-object-target.ts'
import { s3PrefixTarget } from './s3-prefix-target.ts'

const BUCKET = 'targets'
const signal = new AbortController().signal
let server: S3Server
let client: S3Client

before(async () => {
  server = await startS3Server({ buckets: [BUCKET], minimumPartBytes: 1 })
  client = testClient(server)
  process.env['AWS_ENDPOINT_URL_S3'] = server.endpoint
  process.env['AWS_ACCESS_KEY_ID'] = 'test'
  process.env['AWS_SECRET_ACCESS_KEY'] = 'test'
  process.env['AWS_REGION'] = 'us-east-1'
})
after(() => server.close())

targetContract({
  name: 'an object of S3',
  target: s3ObjectTarget,
  location: (directory) => `${place(directory)}out.csv`,
  read: (directory) => textAt(`${place(directory)}out.csv`),
  traces: (directory) => uploadsBelow(directory),
})

targetContract({
  name: 'a prefix of S3',
  target: s3PrefixTarget,
  location: (directory) => `${place(directory)}out/`,
  read: async (directory) => {
    const published = await readManifest(parseS3(`${place(directory)}out/`))
    if (published === undefined) return null
    const texts = published.manifest.files.map(({ key }) => textAt(`s3://${BUCKET}/${key}`))
    return (await Promise.all(texts)).join('')
  },
  traces: async (directory) => [...(await uploadsBelow(directory)), ...(await strayRuns(directory))],
})

function place(directory: string): string {
  return `s3://${BUCKET}/${basename(directory)}/`
}

async function textAt(location: string): Promise<string | null> {
  const object = await headObject(parseS3(location))
  if (object === undefined) return null
  const chunks: Buffer[] = []
  for await (const chunk of readObject(object, { signal })) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

async function uploadsBelow(directory: string): Promise<string[]> {
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: BUCKET }))
  return Uploads.map(({ Key = '' }) => Key).filter((key) => key.startsWith(`${basename(directory)}/`))
}

/** Objects of runs that no manifest names. */
async function strayRuns(directory: string): Promise<string[]> {
  const prefix = `${basename(directory)}/`
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix: prefix }))
  const keys = Contents.map(({ Key = '' }) => Key)
  const named = new Set<string>()
  for (const key of keys.filter((one) => one.endsWith('_manifest.json'))) {
    const published = await readManifest(parseS3(`s3://${BUCKET}/${key.replace('_manifest.json', '')}`))
    const { manifest } = published as NonNullable<typeof published>
    for (const run of [manifest.run_id, ...manifest.previous]) named.add(run)
  }
  return keys.filter((key) => key.includes('/_runs/') && !named.has(key.split('/_runs/')[1]?.split('/')[0] ?? ''))
}
