import { randomBytes } from 'node:crypto'
import { after, describe, it } from 'node:test'
import {
  AbortMultipartUploadCommand,
  DeleteObjectsCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3'
import { checksumChecks } from './conformance/checksums.ts'
import { conditionChecks } from './conformance/conditions.ts'
import { copyChecks } from './conformance/copies.ts'
import { listingChecks } from './conformance/listing.ts'
import { multipartChecks } from './conformance/multipart.ts'
import { objectChecks } from './conformance/objects.ts'
import { readingChecks } from './conformance/reading.ts'
import { type Checks, Scene } from './conformance/scene.ts'

export interface ConformanceSubject {
  readonly name: string
  /** In path style, and without retries, which would hide answers. */
  readonly client: S3Client
  /** That exists. Checks use keys of their own in it, and remove them. */
  readonly bucket: string
  /** Names of checks that the subject is known to fail. */
  readonly skip?: readonly string[]
}

const TOPICS: Readonly<Record<string, Checks>> = {
  objects: objectChecks,
  reading: readingChecks,
  conditions: conditionChecks,
  listing: listingChecks,
  'multipart uploads': multipartChecks,
  copies: copyChecks,
  checksums: checksumChecks,
}

/** What Sluice relies on in S3. Each check is a test of its own. */
export function s3Conformance(subject: ConformanceSubject): void {
  const { name, client, bucket, skip = [] } = subject
  checkSkipped(skip)
  const root = `conformance-${randomBytes(4).toString('hex')}/`
  describe(`the conformance to S3 of ${name}`, () => {
    after(() => cleanUp(client, bucket, root))
    for (const [topic, checks] of Object.entries(TOPICS)) {
      describe(topic, () => {
        for (const [index, [check, prove]] of Object.entries(checks).entries()) {
          const scene = new Scene(client, bucket, `${root}${topic.slice(0, 4)}-${index}/`)
          it(check, { skip: skip.includes(check) && `${name} is known to fail this` }, () => prove(scene))
        }
      })
    }
    if (skip.length > 0) it(`does without ${skip.length} checks: ${skip.join('; ')}`, { skip: true }, () => {})
  })
}

/** A name that was changed would skip nothing, and then fail for no reason that is seen. */
function checkSkipped(skip: readonly string[]): void {
  const known = Object.values(TOPICS).flatMap(Object.keys)
  const unknown = skip.filter((name) => !known.includes(name))
  if (unknown.length > 0) throw new Error(`no check is named ${unknown.join(', ')}`)
}

async function cleanUp(client: S3Client, bucket: string, root: string): Promise<void> {
  for await (const { Contents = [] } of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: root })) {
    const Objects = Contents.map(({ Key }) => ({ Key }))
    if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
  }
  const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: root }))
  for (const { Key, UploadId } of Uploads) {
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
  }
}
