import { malformedXml } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { parseXml, type XmlElements } from '../protocol/xml.ts'
import { readBody } from './request-body.ts'

/** The list of 10,000 parts with checksums has about this size. */
const MOST_BYTES = 4 * 1024 * 1024

/** The document that a request brings; null when it has no body. */
export async function receiveXml(request: S3Request, root: string): Promise<XmlElements | null> {
  const pieces: Buffer[] = []
  let length = 0
  await readBody(request, (bytes) => {
    length += bytes.length
    if (length > MOST_BYTES) throw malformedXml()
    pieces.push(bytes)
  })
  return length === 0 ? null : parseXml(Buffer.concat(pieces).toString(), root)
}
