import { setTimeout as sleep } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { SluiceError } from '../../errors.ts'
import { brokenBody, chunksOf, openBody, wholeCrc } from './object-body.ts'
import { isPreconditionFailed, isThrottled, isTransient, s3Error } from './s3-error.ts'
import { formatS3, type S3Location } from './s3-location.ts'
import { ATTEMPTS, pauseBefore } from './s3-retries.ts'

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
      const range = at === 0 && end === object.bytes ? undefined : { start: at, end }
      const answer = await openBody(object, { etag: object.etag, range }, options.signal)
      if (at === start) {
        options.onHeaders?.(answer)
        if (whole) wanted = wholeCrc(answer)
      }
      for await (const chunk of chunksOf(answer, options)) {
        // Asked for a range, a server that knows none sends everything.
        if (at + chunk.length > end) throw new Error(`more bytes than the ${object.bytes} it has`)
        at += chunk.length
        failures = 0
        if (wanted !== undefined) sum = crc32(chunk, sum)
        yield chunk
      }
      if (at < end) throw brokenBody(`the answer ended at byte ${at} of ${end}`)
    } catch (error) {
      options.signal.throwIfAborted()
      if (isPreconditionFailed(error)) throw changed(name, error)
      if (!isTransient(error) || ++failures >= ATTEMPTS) {
        throw s3Error(error, 'source-failed', `Cannot read ${name} at byte ${at}`)
      }
      // What breaks off in the middle is asked for at once.
      const again = failures === 1 && at > start && !isThrottled(error)
      if (!again) await sleep(pauseBefore(failures, isThrottled(error)), undefined, { signal: options.signal })
    }
  }
  if (wanted !== undefined && sum !== wanted) throw spoilt(name)
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
