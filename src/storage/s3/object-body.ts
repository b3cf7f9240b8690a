import { crc32 } from 'node:zlib'
import type { GetObjectCommand, GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { connectS3 } from './s3-client.ts'
import type { S3Location } from './s3-location.ts'
import { s3Timing } from './s3-timing.ts'

export interface Wanted {
  /** The version. */
  readonly etag?: string
  /** The bytes [start, end). */
  readonly range?: { readonly start: number; readonly end: number } | undefined
}

/** Asks for an object, once. Throws what S3 answered. */
export async function openBody(
  place: S3Location,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<GetObjectCommandOutput> {
  const { reader, sdk } = await connectS3(place)
  const { bucket: Bucket, key: Key } = place
  const { etag, range } = wanted
  const command = new sdk.GetObjectCommand({
    Bucket,
    Key,
    ...(etag === undefined ? {} : { IfMatch: etag }),
    ...(range === undefined ? {} : { Range: `bytes=${range.start}-${range.end - 1}` }),
  })
  askForChecksums(command)
  return await within(s3Timing().idleMs, signal, (abortSignal) => reader.send(command, { abortSignal }))
}

/** Only until the headers are there, or all of an answer that refuses. */
async function within<R>(idleMs: number, signal: AbortSignal, work: (signal: AbortSignal) => Promise<R>): Promise<R> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(), idleMs)
  try {
    return await work(AbortSignal.any([signal, patience.signal]))
  } catch (error) {
    if (patience.signal.aborted && !signal.aborted) throw brokenBody(`no answer came for ${idleMs / 1000} s`)
    throw error
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Asks S3 for the checksums that it knows, without the SDK's own check: that puts a slow stream in front of the body,
 * which does not tell when the body breaks off, and sees only bodies that come in one piece.
 */
function askForChecksums({ middlewareStack }: GetObjectCommand): void {
  middlewareStack.add(
    (next) => (args) => {
      const { headers } = args.request as { headers: Record<string, string> }
      headers['x-amz-checksum-mode'] = 'ENABLED'
      // Of a body that a GET does not have.
      delete headers['x-amz-checksum-crc32']
      return next(args)
    },
    { step: 'build', priority: 'low', name: 'askForChecksums' },
  )
}

/** The chunks of a body, but an error when none comes for `idleMs`. The time that is spent on them does not count. */
export async function* chunksOf(
  { Body }: GetObjectCommandOutput,
  { idleMs = s3Timing().idleMs, signal }: { readonly idleMs?: number | undefined; readonly signal: AbortSignal },
): AsyncGenerator<Buffer, void, void> {
  const stream = Body as AsyncIterable<Buffer> & { destroy(error?: Error): void }
  const stop = (error: Error) => stream.destroy(error)
  const aborted = () => stop(signal.reason as Error)
  signal.addEventListener('abort', aborted, { once: true })
  let waiting = true
  const timer = setTimeout(() => {
    if (waiting) stop(brokenBody(`no byte came for ${idleMs / 1000} s`))
  }, idleMs)
  try {
    for await (const chunk of stream) {
      waiting = false
      yield chunk
      waiting = true
      timer.refresh()
    }
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', aborted)
    stream.destroy()
  }
}

/** All of a body that fits in memory. Throws when it is not what S3 announced. */
export async function textOf(answer: GetObjectCommandOutput, signal: AbortSignal): Promise<string> {
  return (await bytesOf(answer, signal)).toString()
}

/** The same as bytes. */
export async function bytesOf(answer: GetObjectCommandOutput, signal: AbortSignal): Promise<Buffer> {
  const bytes = Buffer.concat(await Array.fromAsync(chunksOf(answer, { signal })))
  if (bytes.length !== answer.ContentLength) {
    throw brokenBody(`the answer ended at byte ${bytes.length} of ${answer.ContentLength}`)
  }
  if (crc32(bytes) !== (wholeCrc(answer) ?? crc32(bytes))) throw brokenBody('the answer does not match its checksum')
  return bytes
}

/** The CRC-32 of the whole object; S3 also knows sums of the sums of parts, which say nothing here. */
export function wholeCrc({ ChecksumCRC32: sum, ChecksumType: type }: GetObjectCommandOutput): number | undefined {
  if (sum === undefined || sum.includes('-') || (type !== undefined && type !== 'FULL_OBJECT')) return undefined
  return Buffer.from(sum, 'base64').readUInt32BE()
}

/** A body that another request may bring whole. */
export function brokenBody(what: string): Error {
  return Object.assign(new Error(what), { name: 'BrokenBody' })
}
