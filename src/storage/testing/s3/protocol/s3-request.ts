import type { IncomingMessage } from 'node:http'
import { S3Error } from './s3-error.ts'

/** A request in path style, taken apart. Names are empty above the level that they belong to. */
export interface S3Request {
  readonly method: string
  readonly bucket: string
  readonly key: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string | undefined>>
  readonly message: IncomingMessage
}

export function parseRequest(message: IncomingMessage): S3Request {
  const [path = '', query = ''] = split(message.url!, '?')
  // URL would resolve dot segments, and they are a part of keys.
  const [bucket = '', key = ''] = split(path.slice(1), '/').map(decoded)
  return {
    method: message.method!,
    bucket,
    key,
    query: new URLSearchParams(query),
    headers: message.headers as Record<string, string | undefined>,
    message,
  }
}

/** Before and after the first separator. */
function split(text: string, separator: string): string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)]
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    throw new S3Error(400, 'InvalidURI', "Couldn't parse the specified URI.")
  }
}
