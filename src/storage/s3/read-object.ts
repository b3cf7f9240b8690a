import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { GetObjectCommand, GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { SluiceError } from '../../errors.ts'
import { connectS3 } from './s3-client.ts'
import { isPreconditionFailed, isTransient, s3Error } from './s3-error.ts'
import { formatS3, type S3Location } from './s3-location.ts'

/** An object as it was when somebody looked. */
export interface S3Object extends S3Location {
  readonly etag: string
  readonly bytes: number
}

export interface ReadObjectOptions {
  readonly signal: AbortSignal
  /** The bytes [start, end); default: all. */
  readonly range?: { readonly start: number; readonly end: number }
  /** How long to wait for the next bytes; the time that the reader takes does not count. Default 30 s. */
  readonly idleMs?: number
  /** Hears of the answer's headers before the first byte. */
  readonly onHeaders?: (headers: GetObjectCommandOutput) => void
}

/**
 * The bytes of an object, in order. A connection that breaks or falls silent is opened again where it stopped, with
 * `Range` and `If-Match`, so what comes is of one version of the object or an error; it gives up when nothing new came
 * in `ATTEMPTS` tries. The length is checked, and so is the whole object's CRC-32 where S3 knows it.
 *
 * @throws SluiceError `source-changed` when the object was replaced, `source-not-found`, `source-failed`.
 */
export async function* readObject(object: S3Object, options: ReadObjectOptions): AsyncGenerator<Buffer, void, void> {
  const { start, end } = options.range ?? { start: 0, end: object.bytes }
  const name = formatS3(object)
  const whole = options.range === undefined
  let sum = 0
  let wanted: number | undefined
  let failures = 0
  for (let at = start; at < end; ) {
    try {
      const answer = await open(object, at, end, options.signal)
      if (at === start) {
        options.onHeaders?.(answer)
        if (whole) wanted = crcOf(answer)
      }
      for await (const chunk of untilIdle(answer.Body as AsyncIterable<Buffer>, options)) {
        // Asked for a range, a server that knows none sends everything.
        if (at + chunk.length > end) throw new Error(`more bytes than the ${object.bytes} it has`)
        at += chunk.length
        failures = 0
        if (wanted !== undefined) sum = crc32(chunk, sum)
        yield chunk
      }
      if (at < end) throw Object.assign(new Error(`the answer ended at byte ${at} of ${end}`), { code: 'ECONNRESET' })
    } catch (error) {
      options.signal.throwIfAborted()
      if (isPreconditionFailed(error)) throw changed(name, error)
      if (!isTransient(error) || ++failures >= ATTEMPTS) {
        throw s3Error(error, 'source-failed', `Cannot read ${name} at byte ${at}`)
      }
      await sleep(pause(failures), undefined, { signal: options.signal })
    }
  }
  if (wanted !== undefined && sum !== wanted) throw spoilt(name)
}

async function open(object: S3Object, at: number, end: number, signal: AbortSignal): Promise<GetObjectCommandOutput> {
  const { client, sdk } = await connectS3()
  const { bucket: Bucket, key: Key, etag, bytes } = object
  const whole = at === 0 && end === bytes
  const range = whole ? {} : { Range: `bytes=${at}-${end - 1}` }
  const command = new sdk.GetObjectCommand({ Bucket, Key, IfMatch: etag, ...range })
  askForChecksums(command)
  return await client.send(command, { abortSignal: signal })
}

/**
 * Asks S3 for the checksums that it knows, without the SDK's own check: that puts a slow stream in front of the body and
 * sees only bodies that come in one piece.
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

/** The chunks of a body, but an error when none comes for so long. */
async function* untilIdle(
  body: AsyncIterable<Buffer>,
  { idleMs = IDLE_MS, signal }: ReadObjectOptions,
): AsyncGenerator<Buffer, void, void> {
  const stream = body as AsyncIterable<Buffer> & { destroy(error?: Error): void }
  const stop = (error: Error) => stream.destroy(error)
  const aborted = () => stop(signal.reason as Error)
  signal.addEventListener('abort', aborted, { once: true })
  // Only the wait for bytes is timed, not what is done with them.
  let waiting = true
  const timer = setTimeout(() => {
    if (waiting) stop(new IdleError(idleMs))
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

class IdleError extends Error {
  override readonly name: string = 'IdleError'

  constructor(idleMs: number) {
    super(`no byte came for ${idleMs / 1000} s`)
  }
}

/** CRC-32 of the whole object; S3 also knows sums of the sums of parts, which say nothing here. */
function crcOf({ ChecksumCRC32: sum, ChecksumType: type }: GetObjectCommandOutput): number | undefined {
  if (sum === undefined || sum.includes('-') || (type !== undefined && type !== 'FULL_OBJECT')) return undefined
  return Buffer.from(sum, 'base64').readUInt32BE()
}

function changed(name: string, cause: unknown): SluiceError {
  const fix = 'Nothing was written; run again when it is complete.'
  return new SluiceError('source-changed', `${name} was replaced while it was read. ${fix}`, {
    cause,
    context: { path: name },
  })
}

function spoilt(name: string): SluiceError {
  return new SluiceError(
    'source-failed',
    `The bytes of ${name} are not those that S3 has the checksum of. Run again.`,
    {
      retryable: true,
      context: { path: name },
    },
  )
}

/** Exponential, with full jitter. */
function pause(failures: number): number {
  return Math.random() * Math.min(BACKOFF_MS * 2 ** failures, MAX_BACKOFF_MS)
}

const ATTEMPTS = 6
const IDLE_MS = 30_000
const BACKOFF_MS = 50
const MAX_BACKOFF_MS = 5_000
