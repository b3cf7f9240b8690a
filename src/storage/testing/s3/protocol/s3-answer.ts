import type { S3Error } from './s3-error.ts'
import { type XmlElements, xmlDocument } from './xml.ts'

/** What a request is answered with. Operations only tell it, so that faults can spoil it while it is sent. */
export interface S3Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** Null where there is none, also where the headers speak of one, as those of HEAD do. */
  readonly body: AsyncIterable<Uint8Array> | Uint8Array | null
}

export function emptyAnswer(status: number, headers: Readonly<Record<string, string>> = {}): S3Answer {
  // 204 has no length, in HTTP at large.
  return { status, headers: status === 204 ? headers : { 'content-length': '0', ...headers }, body: null }
}

export function xmlAnswer(root: string, children: XmlElements, status = 200): S3Answer {
  const body = Buffer.from(xmlDocument(root, children))
  return { status, headers: { 'content-type': 'application/xml', 'content-length': String(body.length) }, body }
}

/** HEAD and 304 have no body, so that a client learns the status alone. */
export function errorAnswer(error: S3Error, method: string): S3Answer {
  if (method === 'HEAD' || error.status === 304) return { status: error.status, headers: {}, body: null }
  return xmlAnswer('Error', { Code: error.code, Message: error.message, ...error.details }, error.status)
}
