import { receiveXml } from '../bodies/receive-xml.ts'
import { emptyAnswer, type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { accessDenied, invalidRequest, malformedXml, notImplemented, S3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { repeated, type XmlElements } from '../protocol/xml.ts'
import type { Bucket } from '../store.ts'
import { checkWriteConditions } from './preconditions.ts'

const MOST_KEYS = 1000

/** Of a key that is not there, too: deleting twice is deleting once. */
export function deleteObject(request: S3Request, context: S3Context): S3Answer {
  const bucket = context.store.bucket(request.bucket)
  checkWriteConditions(request, bucket.objects.get(request.key))
  bucket.delete(request.key)
  return emptyAnswer(204)
}

/** Answers 200 whatever happens to single keys: a client has to read on. */
export async function deleteObjects(request: S3Request, context: S3Context): Promise<S3Answer> {
  const bucket = context.store.bucket(request.bucket)
  checkDigestIsThere(request)
  const document = await receiveXml(request, 'Delete')
  const objects = repeated(document ?? {}, 'Object')
  if (objects.length === 0 || objects.length > MOST_KEYS) throw malformedXml()
  const outcomes = objects.map((object) => deleteListed(object, bucket, context))
  const quiet = document?.['Quiet'] === 'true'
  return xmlAnswer('DeleteResult', {
    Deleted: quiet ? [] : outcomes.filter((outcome) => !('Code' in outcome)),
    Error: outcomes.filter((outcome) => 'Code' in outcome),
  })
}

function checkDigestIsThere({ headers }: S3Request): void {
  const digests = Object.keys(headers).filter((name) => /^(content-md5|x-amz-trailer|x-amz-checksum-.*)$/.test(name))
  if (digests.length > 0) return
  throw invalidRequest('Missing required header for this request: Content-MD5 OR x-amz-checksum-*')
}

function deleteListed(object: XmlElements, bucket: Bucket, context: S3Context): XmlElements {
  const { Key: key, ETag: etag, ...rest } = object
  if (typeof key !== 'string') throw malformedXml()
  for (const name of Object.keys(rest)) if (name !== '#text') throw notImplemented(`${name} in DeleteObjects`)
  try {
    if (!context.may('s3:DeleteObject')) throw accessDenied()
    const condition = etag === undefined ? {} : { 'if-match': String(etag) }
    checkWriteConditions({ key, headers: condition }, bucket.objects.get(key))
    bucket.delete(key)
    return { Key: key }
  } catch (error) {
    if (!(error instanceof S3Error)) throw error
    return { Key: key, Code: error.code, Message: error.message }
  }
}
