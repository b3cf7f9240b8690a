import { createHash } from 'node:crypto'
import { notImplemented, S3Error } from '../protocol/s3-error.ts'
import type { S3Request } from '../protocol/s3-request.ts'
import { decodeChunked, type Trailers } from './aws-chunked.ts'
import {
  type Algorithm,
  checksumHeader,
  DEFAULT_ALGORITHM,
  declaredAlgorithm,
  type RunningChecksum,
  startChecksum,
} from './checksums.ts'

/** The largest body of one request. */
const MOST_BYTES = 5 * 1024 ** 3

const UNSIGNED = new Set(['UNSIGNED-PAYLOAD', 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'])

export interface BodyDigests {
  readonly length: number
  readonly md5: Buffer
  readonly checksums: ReadonlyMap<Algorithm, string>
}

/**
 * Hands on the body of a request, without its framing, and checks all that the client said of it: length, MD5,
 * checksum, hash of the signed payload. What was handed on counts only once this resolves.
 */
export async function readBody(
  request: S3Request,
  take: (bytes: Buffer) => Promise<void> | void,
  algorithms: readonly Algorithm[] = [],
): Promise<BodyDigests> {
  const trailers: Trailers = new Map()
  const expected = expectedLength(request)
  const md5 = createHash('md5')
  const checksums = startChecksums(new Set([declaredAlgorithm(request) ?? DEFAULT_ALGORITHM, ...algorithms]))
  const payload = startPayloadHash(request)
  let length = 0
  for await (const bytes of decoded(request, trailers)) {
    length += bytes.length
    if (length > expected) throw incompleteBody()
    const taken = take(bytes)
    // While the disk works.
    md5.update(bytes)
    for (const checksum of checksums.values()) checksum.update(bytes)
    payload?.update(bytes)
    await taken
  }
  if (length !== expected) throw incompleteBody()
  const digests = { length, md5: md5.digest(), checksums: await digestsOf(checksums) }
  checkDigests(request, trailers, digests)
  if (payload !== undefined) checkPayload(request, await payload.digest())
  return digests
}

function expectedLength({ headers, message }: S3Request): number {
  const chunked = isChunked(headers)
  if (headers['transfer-encoding'] !== undefined && !chunked) throw notImplemented('Transfer-Encoding')
  const length = chunked ? headers['x-amz-decoded-content-length'] : headers['content-length']
  // POST without a body needs no length.
  if (length === undefined && message.method === 'PUT') {
    throw new S3Error(411, 'MissingContentLength', 'You must provide the Content-Length HTTP header.')
  }
  if (Number(length) > MOST_BYTES) {
    throw new S3Error(400, 'EntityTooLarge', 'Your proposed upload exceeds the maximum allowed size')
  }
  return Number(length ?? 0)
}

function isChunked(headers: S3Request['headers']): boolean {
  return /\baws-chunked\b/.test(headers['content-encoding'] ?? '')
}

function startChecksums(algorithms: ReadonlySet<Algorithm>): Map<Algorithm, RunningChecksum> {
  return new Map([...algorithms].map((algorithm) => [algorithm, startChecksum(algorithm)]))
}

/** The hash that was signed, if the payload was. */
function startPayloadHash({ headers }: S3Request): RunningChecksum | undefined {
  const signed = headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD'
  if (UNSIGNED.has(signed)) return undefined
  if (/^[0-9a-f]{64}$/.test(signed)) return startChecksum('SHA256')
  throw notImplemented(`x-amz-content-sha256: ${signed}`)
}

async function* decoded({ headers, message }: S3Request, trailers: Trailers): AsyncGenerator<Buffer> {
  // An answer follows also where the body is broken off, so the connection stays.
  const body = message.iterator({ destroyOnReturn: false })
  yield* isChunked(headers) ? decodeChunked(body, trailers) : body
}

async function digestsOf(running: ReadonlyMap<Algorithm, RunningChecksum>): Promise<Map<Algorithm, string>> {
  const digests = new Map<Algorithm, string>()
  for (const [algorithm, checksum] of running) digests.set(algorithm, await checksum.digest())
  return digests
}

function checkDigests({ headers }: S3Request, trailers: Trailers, { md5, checksums }: BodyDigests): void {
  const given = headers['content-md5']
  if (given !== undefined && given !== md5.toString('base64')) throw badDigest('Content-MD5')
  const announced = headers['x-amz-trailer']
  if (announced !== undefined && !trailers.has(announced)) {
    throw new S3Error(400, 'MalformedTrailerError', `The request contained no trailer ${announced}.`)
  }
  for (const [algorithm, checksum] of checksums) {
    const name = checksumHeader(algorithm)
    const claimed = headers[name] ?? trailers.get(name)
    if (claimed !== undefined && claimed !== checksum) throw badDigest(algorithm)
  }
}

function checkPayload({ headers }: S3Request, sha256: string): void {
  if (headers['x-amz-content-sha256'] === Buffer.from(sha256, 'base64').toString('hex')) return
  const message = "The provided 'x-amz-content-sha256' header does not match what was computed."
  throw new S3Error(400, 'XAmzContentSHA256Mismatch', message)
}

function badDigest(what: string): S3Error {
  return new S3Error(400, 'BadDigest', `The ${what} you specified did not match the calculated checksum.`)
}

function incompleteBody(): S3Error {
  return new S3Error(400, 'IncompleteBody', 'You did not provide the number of bytes specified.')
}
