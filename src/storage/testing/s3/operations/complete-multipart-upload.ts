import { createHash } from 'node:crypto'
import { ALGORITHMS, checksumElement, checksumHeader, startChecksum } from '../bodies/checksums.ts'
import { type CrcAlgorithm, combineCrc } from '../bodies/combine-crc.ts'
import { Content } from '../bodies/content.ts'
import { receiveXml } from '../bodies/receive-xml.ts'
import { type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { invalidRequest, malformedXml, S3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { repeated, type XmlElements } from '../protocol/xml.ts'
import { now, type ObjectChecksum, type StoredObject, type Upload, type UploadedPart } from '../store.ts'
import { checkWriteConditions } from './preconditions.ts'
import { checksumOf } from './upload-part.ts'

export async function completeMultipartUpload(request: S3Request, context: S3Context): Promise<S3Answer> {
  const document = await receiveXml(request, 'CompleteMultipartUpload')
  const bucket = context.store.bucket(request.bucket)
  const id = request.query.get('uploadId')
  const parts = findParts(repeated(document ?? {}, 'Part'), bucket.upload(id, request.key))
  checkSizes(request, parts, context.minimumPartBytes)
  const content = Content.joined(parts.map((part) => part.content))
  return content.during(async () => {
    const object = await assembled(content, bucket.upload(id, request.key), parts)
    checkChecksum(request, object.checksum)
    // From here in one turn of the event loop: two completions of one upload, or of one key, exclude each other.
    const upload = bucket.upload(id, request.key)
    checkWriteConditions(request, bucket.objects.get(request.key))
    bucket.put(request.key, object)
    bucket.endUpload(upload)
    return completed(request, object)
  })
}

function completed(request: S3Request, object: StoredObject): S3Answer {
  return xmlAnswer('CompleteMultipartUploadResult', {
    Location: `http://${request.headers['host']}/${request.bucket}/${encodeURIComponent(request.key)}`,
    Bucket: request.bucket,
    Key: request.key,
    ETag: object.etag,
    [checksumElement(object.checksum.algorithm)]: object.checksum.value,
    ChecksumType: object.checksum.type,
  })
}

/** Those that the client lists, in its order, which must be the ascending one. */
function findParts(listed: readonly XmlElements[], upload: Upload): UploadedPart[] {
  if (listed.length === 0) throw malformedXml()
  const numbers = listed.map((part) => Number(part['PartNumber']))
  if (numbers.some((number) => !Number.isInteger(number))) throw malformedXml()
  if (numbers.some((number, index) => index > 0 && number <= numbers[index - 1]!)) {
    throw new S3Error(400, 'InvalidPartOrder', 'The list of parts was not in ascending order.')
  }
  return listed.map((part, index) => findPart(part, numbers[index]!, upload))
}

function findPart(listed: XmlElements, number: number, upload: Upload): UploadedPart {
  const part = upload.parts.get(number)
  const unquoted = (etag: unknown) => String(etag ?? '').replaceAll('"', '')
  if (part === undefined || unquoted(listed['ETag']) !== unquoted(part.etag)) throw invalidPart(number)
  for (const algorithm of ALGORITHMS) {
    const claimed = listed[checksumElement(algorithm)]
    if (claimed !== undefined && claimed !== part.checksums.get(algorithm)) throw invalidPart(number)
  }
  checkChecksumIsThere(listed, number, upload)
  return part
}

function invalidPart(number: number): S3Error {
  const message = 'One or more of the specified parts could not be found, or did not have the specified entity tag.'
  return new S3Error(400, 'InvalidPart', message, { PartNumber: number })
}

function checkChecksumIsThere(listed: XmlElements, number: number, { algorithm, checksumType }: Upload): void {
  if (algorithm === undefined || checksumType === 'FULL_OBJECT' || checksumElement(algorithm) in listed) return
  throw invalidRequest(
    `The upload was created using a ${algorithm.toLowerCase()} checksum. The complete request must include the ` +
      `checksum for each part. It was missing for part ${number} in the request.`,
  )
}

function checkSizes({ headers }: S3Request, parts: readonly UploadedPart[], minimumPartBytes: number): void {
  if (parts.slice(0, -1).some(({ content }) => content.length < minimumPartBytes)) {
    throw new S3Error(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size')
  }
  const claimed = headers['x-amz-mp-object-size']
  const size = parts.reduce((sum, { content }) => sum + content.length, 0)
  if (claimed === undefined || Number(claimed) === size) return
  throw invalidRequest(`The provided 'x-amz-mp-object-size' header does not match what was computed: ${size}`)
}

async function assembled(content: Content, upload: Upload, parts: readonly UploadedPart[]): Promise<StoredObject> {
  return {
    content,
    etag: multipartEtag(parts),
    checksum: await checksumOfAll(upload, parts),
    headers: upload.headers,
    lastModified: now(),
  }
}

/** The digest of the digests, and how many there were. */
function multipartEtag(parts: readonly UploadedPart[]): string {
  const md5 = createHash('md5')
  for (const { etag } of parts) md5.update(Buffer.from(etag.replaceAll('"', ''), 'hex'))
  return `"${md5.digest('hex')}-${parts.length}"`
}

async function checksumOfAll(upload: Upload, parts: readonly UploadedPart[]): Promise<ObjectChecksum> {
  const algorithm = checksumOf(upload)
  const type = upload.checksumType
  const checksums = parts.map(({ checksums }) => checksums.get(algorithm)!)
  if (type === 'FULL_OBJECT') {
    const lengths = parts.map(({ content }, index) => ({ checksum: checksums[index]!, length: content.length }))
    return { algorithm, type, value: combineCrc(algorithm as CrcAlgorithm, lengths) }
  }
  const composite = startChecksum(algorithm)
  for (const checksum of checksums) composite.update(Buffer.from(checksum, 'base64'))
  return { algorithm, type, value: `${await composite.digest()}-${parts.length}` }
}

function checkChecksum({ headers }: S3Request, { algorithm, type, value }: ObjectChecksum): void {
  const claimedType = headers['x-amz-checksum-type'] ?? type
  if (claimedType !== type) {
    throw invalidRequest(`The upload was created using the ${type} checksum mode. The request must use the same.`)
  }
  const claimed = headers[checksumHeader(algorithm)] ?? value
  // The number of parts may be left out.
  if (claimed === value || claimed === value.split('-')[0]) return
  throw new S3Error(400, 'BadDigest', `The ${algorithm} you specified did not match the calculated checksum.`)
}
