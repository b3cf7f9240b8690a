import { SluiceError } from '../../errors.ts'
import { connectS3, type S3 } from './s3-client.ts'
import { isNotFound, s3Error, statusOf } from './s3-error.ts'
import { isPrefix, parseS3, type S3Location } from './s3-location.ts'

/**
 * Asks S3 what a run would need to know first, and changes nothing. Says what is there; whether objects may be put is
 * not tried. Throws what is not reachable or not permitted, and names the permission.
 */
export async function probeS3(location: string, toRead: boolean): Promise<string> {
  const place = parseS3(location)
  const s3 = await connectS3()
  const asked = (work: Promise<unknown>, action: string) => permitted(work, location, action)
  await asked(s3.client.send(new s3.sdk.HeadBucketCommand({ Bucket: place.bucket })), 's3:ListBucket')
  const objects = (await asked(countObjects(s3, place), isPrefix(place) ? 's3:ListBucket' : 's3:GetObject')) as number
  if (toRead) {
    if (objects > 0) return 'readable'
    throw new SluiceError('source-not-found', 'nothing lies there. Check the name, the layer and the environment.')
  }
  await asked(listUploads(s3, place), 's3:ListBucketMultipartUploads')
  return objects > 0 ? 'reachable, and there are objects' : 'reachable, and empty'
}

/** One is enough to know. */
async function countObjects({ client, sdk }: S3, place: S3Location): Promise<number> {
  const { bucket: Bucket, key } = place
  if (isPrefix(place)) {
    const { KeyCount = 0 } = await client.send(new sdk.ListObjectsV2Command({ Bucket, Prefix: key, MaxKeys: 1 }))
    return KeyCount
  }
  try {
    await client.send(new sdk.HeadObjectCommand({ Bucket, Key: key }))
    return 1
  } catch (error) {
    if (isNotFound(error)) return 0
    throw error
  }
}

/** Without this permission a run could not undo what another one left behind. */
async function listUploads({ client, sdk }: S3, { bucket: Bucket, key: Prefix }: S3Location): Promise<void> {
  await client.send(new sdk.ListMultipartUploadsCommand({ Bucket, Prefix, MaxUploads: 1 }))
}

async function permitted<R>(work: Promise<R>, location: string, action: string): Promise<R> {
  try {
    return await work
  } catch (error) {
    if (statusOf(error) === 403) {
      const fix = `Allow ${action} to these credentials, or check whose they are.`
      throw new SluiceError('source-unauthorized', `${action} on ${location} is not permitted. ${fix}`, {
        cause: error,
      })
    }
    if (!isNotFound(error)) throw s3Error(error, 'source-failed', 'cannot be reached')
    Object.assign(error as Error, { name: 'NoSuchBucket', message: 'the bucket does not exist' })
    throw s3Error(error, 'source-not-found', 'cannot be reached')
  }
}
