import { receiveXml } from '../bodies/receive-xml.ts'
import { emptyAnswer, type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { S3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { Bucket } from '../store.ts'

export async function createBucket(request: S3Request, { store, region }: S3Context): Promise<S3Answer> {
  const document = await receiveXml(request, 'CreateBucketConfiguration')
  const constraint = document?.['LocationConstraint'] ?? region
  if (constraint !== region) {
    throw new S3Error(400, 'InvalidLocationConstraint', 'The specified location-constraint is not valid')
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(request.bucket)) {
    throw new S3Error(400, 'InvalidBucketName', 'The specified bucket is not valid.')
  }
  if (store.buckets.has(request.bucket)) {
    throw new S3Error(409, 'BucketAlreadyOwnedByYou', 'You already own the bucket that you tried to create.')
  }
  store.buckets.set(request.bucket, new Bucket())
  return emptyAnswer(200, { location: `/${request.bucket}` })
}

export function headBucket({ bucket }: S3Request, { store, region }: S3Context): S3Answer {
  store.bucket(bucket)
  return { status: 200, headers: { 'x-amz-bucket-region': region }, body: null }
}

export function deleteBucket({ bucket }: S3Request, { store }: S3Context): S3Answer {
  if (store.bucket(bucket).objects.size > 0) {
    throw new S3Error(409, 'BucketNotEmpty', 'The bucket you tried to delete is not empty')
  }
  store.buckets.delete(bucket)
  return emptyAnswer(204)
}

export function listBuckets(_request: S3Request, { store }: S3Context): S3Answer {
  const buckets = [...store.buckets].sort(([a], [b]) => (a < b ? -1 : 1))
  return xmlAnswer('ListAllMyBucketsResult', {
    Owner: { ID: 'owner' },
    Buckets: { Bucket: buckets.map(([Name, { created }]) => ({ Name, CreationDate: created.toISOString() })) },
  })
}
