import { type S3Answer, xmlAnswer } from '../protocol/s3-answer.ts'
import type { S3Context } from '../protocol/s3-context.ts'
import { invalidArgument } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import type { XmlElements } from '../protocol/xml.ts'
import type { Bucket } from '../store.ts'
import { type ListingPlace, listingPage } from './listing.ts'

const MOST_ENTRIES = 1000

export function listObjects({ bucket: name, query }: S3Request, { store }: S3Context): S3Answer {
  const bucket = store.bucket(name)
  const prefix = query.get('prefix') ?? ''
  const delimiter = query.get('delimiter') ?? ''
  const token = query.get('continuation-token')
  const startAfter = query.get('start-after')
  const after = token === null ? { name: startAfter ?? '', rolledUp: false } : decodeToken(token)
  const most = pageSize(query.get('max-keys'), 'max-keys')
  const { entries, next } = listingPage(bucket.objects.keys(), { prefix, delimiter, after, most })
  const encode = nameEncoding(query)
  return xmlAnswer('ListBucketResult', {
    Name: name,
    Prefix: encode(prefix),
    Delimiter: delimiter === '' ? undefined : encode(delimiter),
    StartAfter: startAfter === null ? undefined : encode(startAfter),
    EncodingType: query.get('encoding-type') ?? undefined,
    KeyCount: entries.length,
    MaxKeys: most,
    IsTruncated: next !== null,
    ContinuationToken: token ?? undefined,
    NextContinuationToken: next === null ? undefined : encodeToken(next),
    Contents: entries.filter(({ rolledUp }) => !rolledUp).map(({ name }) => contents(bucket, name, encode)),
    CommonPrefixes: entries.filter(({ rolledUp }) => rolledUp).map(({ name }) => ({ Prefix: encode(name) })),
  })
}

/** Opaque to clients. */
function encodeToken({ name, rolledUp }: ListingPlace): string {
  return Buffer.from(JSON.stringify([name, rolledUp])).toString('base64url')
}

function decodeToken(token: string): ListingPlace {
  try {
    const [name, rolledUp] = JSON.parse(Buffer.from(token, 'base64url').toString())
    return { name, rolledUp }
  } catch {
    throw invalidArgument('The continuation token provided is incorrect')
  }
}

/** At most 1,000, also where more is asked for. */
export function pageSize(text: string | null, parameter: string): number {
  if (text === null) return MOST_ENTRIES
  if (!/^\d{1,10}$/.test(text)) throw invalidArgument(`Provided ${parameter} not an integer or within integer range`)
  return Math.min(Number(text), MOST_ENTRIES)
}

/** Names that XML cannot hold are listed as they are in addresses, when the client asks for it. */
export function nameEncoding(query: URLSearchParams): (name: string) => string {
  const type = query.get('encoding-type')
  if (type === null) return (name) => name
  if (type !== 'url') throw invalidArgument('Invalid Encoding Method specified in Request')
  return (name) =>
    encodeURIComponent(name)
      .replace(/[!'()*]/g, hex)
      .replaceAll('%2F', '/')
}

function hex(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`
}

function contents(bucket: Bucket, key: string, encode: (name: string) => string): XmlElements {
  const { content, etag, lastModified, checksum } = bucket.object(key)
  return {
    Key: encode(key),
    LastModified: lastModified.toISOString(),
    ETag: etag,
    ChecksumAlgorithm: checksum.algorithm,
    ChecksumType: checksum.type,
    Size: content.length,
    StorageClass: 'STANDARD',
  }
}
