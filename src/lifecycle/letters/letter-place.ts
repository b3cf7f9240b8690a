import { resolve } from 'node:path'
import { SluiceError } from '../../errors.ts'
import { formatS3, isPrefix, isS3, parseS3 } from '../../storage/s3/s3-location.ts'
import { checkOverflow, formatSqs, isSqs, parseSqs, type SqsOptions } from '../../storage/sqs/sqs-address.ts'

/**
 * Where the dead letters of one run go: an absolute path, the run's object below a prefix of S3, or a queue in its one
 * spelling. One text, so that a job, a flag, the configuration and the journal say it alike.
 *
 * @throws SluiceError `usage` for an address that is none.
 */
export function letterPlace(location: string, runId: string): string {
  if (isSqs(location)) return formatSqs(parseSqs(location))
  if (!isS3(location)) return resolve(location)
  const { bucket, key } = parseS3(location)
  if (isPrefix({ bucket, key })) return formatS3({ bucket, key: `${key}${runId}.jsonl` })
  throw new SluiceError(
    'usage',
    `Dead letters need a prefix of S3, which ends in a slash, for every run has an object of its own: ${location}/.`,
  )
}

/** Whether the place is an address and no path of this machine. */
export function isRemote(place: string): boolean {
  return isS3(place) || isSqs(place)
}

/**
 * The address of a queue with options, for `deadLetters`: `sqs('arn:aws:sqs:eu-central-1:123456789012:letters',
 * { overflow: 's3://bucket/letters/' })`. Also the queue's URL, or `sqs://` in place of `https://`.
 *
 * @throws SluiceError `usage` for an address that is none.
 */
export function sqs(queue: string, options: SqsOptions = {}): string {
  const address = parseSqs(queue)
  const { maxMessages = address.maxMessages, overflow = address.overflow } = options
  if (overflow !== undefined) checkOverflow(overflow)
  const text = formatSqs({ ...address, maxMessages, overflow })
  parseSqs(text)
  return text
}
