import { listObjects } from './find-objects.ts'
import { connectS3 } from './s3-client.ts'
import type { S3Location } from './s3-location.ts'

/** Removes all objects below a prefix. Idempotent. */
export async function removePrefix(prefix: S3Location): Promise<void> {
  const { client, sdk } = await connectS3(prefix)
  const keys = (await listObjects(prefix, undefined, false)).map(({ key }) => ({ Key: key }))
  for (let from = 0; from < keys.length; from += PAGE) {
    const Delete = { Objects: keys.slice(from, from + PAGE), Quiet: true }
    const { Errors = [] } = await client.send(new sdk.DeleteObjectsCommand({ Bucket: prefix.bucket, Delete }))
    const [first] = Errors
    if (first !== undefined)
      throw Object.assign(new Error(`cannot remove ${first.Key}: ${first.Message}`), { name: first.Code })
  }
}

/** Of one request. */
const PAGE = 1000
