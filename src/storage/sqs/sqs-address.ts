import { unknownName } from '../../config/check-options.ts'
import { SluiceError } from '../../errors.ts'
import { isPrefix, isS3, parseS3 } from '../s3/s3-location.ts'

/** A queue of SQS, and what becomes of letters that it is not to have or cannot take. */
export interface SqsAddress {
  /** As requests name the queue. */
  readonly url: string
  /** Undefined: the SDK finds one. */
  readonly region: string | undefined
  readonly fifo: boolean
  /** The most messages of one run; what is left goes to `overflow`. */
  readonly maxMessages: number
  /** `s3://bucket/prefix/` or a directory. */
  readonly overflow: string | undefined
}

export interface SqsOptions {
  /** The most messages of one run, by default 10,000: the rest goes to `overflow`, and one message says so. */
  readonly maxMessages?: number
  /** `s3://bucket/prefix/`, for letters that are too long and for the rest; or a directory, for the rest alone. */
  readonly overflow?: string
}

export const DEFAULT_MAX_MESSAGES = 10_000

/** Whether a place of dead letters is a queue: no file has such a name. */
export function isSqs(location: string): boolean {
  return /^(sqs|https?):\/\//.test(location) || /^arn:[\w-]+:sqs:/.test(location)
}

/**
 * Reads `sqs://sqs.region.amazonaws.com/account/queue`, the queue's URL or its ARN, each with `?maxMessages=…&overflow=…`
 * if wanted. A host with a port, which is none of AWS, is talked to over plain HTTP.
 *
 * @throws SluiceError `usage` for anything else.
 */
export function parseSqs(location: string): SqsAddress {
  const { host, path, query } = partsOf(location)
  const { maxMessages, overflow } = optionsOf(location, new URLSearchParams(query))
  const [, region] = /^sqs\.([\w-]+)\.amazonaws\.com(\.cn)?$/.exec(host) ?? []
  const url = `${/:\d+$/.test(host) ? 'http' : 'https'}://${host}/${path}`
  return { url, region, fifo: path.endsWith('.fifo'), maxMessages, overflow }
}

/** The one spelling of an address, whatever the form in which it was given. */
export function formatSqs({ url, maxMessages, overflow }: SqsAddress): string {
  const options = [
    ...(maxMessages === DEFAULT_MAX_MESSAGES ? [] : [`maxMessages=${maxMessages}`]),
    ...(overflow === undefined ? [] : [`overflow=${encodeURI(overflow).replace(/[&#+]/g, encodeURIComponent)}`]),
  ]
  return `${url.replace(/^https?:/, 'sqs:')}${options.length === 0 ? '' : `?${options.join('&')}`}`
}

interface AddressParts {
  readonly host: string
  /** Account and name. */
  readonly path: string
  readonly query: string
}

function partsOf(location: string): AddressParts {
  const [, partition, region, account, queue, options = ''] =
    /^arn:(aws[\w-]*):sqs:([\w-]+):(\d+):([\w-]+(?:\.fifo)?)(?:\?(.*))?$/.exec(location) ?? []
  if (partition !== undefined) {
    const domain = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
    return { host: `sqs.${region}.${domain}`, path: `${account}/${queue}`, query: options }
  }
  const [, host, path, query = ''] =
    /^(?:sqs|https?):\/\/([\w.:[\]-]+)\/(\d+\/[\w-]+(?:\.fifo)?)(?:\?(.*))?$/.exec(location) ?? []
  if (host !== undefined && path !== undefined) return { host, path, query }
  throw usage(`${location} is no address of a queue; write sqs://sqs.region.amazonaws.com/account/queue, or its ARN.`)
}

function optionsOf(location: string, query: URLSearchParams): Pick<SqsAddress, 'maxMessages' | 'overflow'> {
  for (const name of query.keys()) {
    if (!KNOWN.includes(name)) throw usage(`${location}: ${unknownName('option', name, KNOWN)}`)
  }
  const maxMessages = Number(query.get('maxMessages') ?? DEFAULT_MAX_MESSAGES)
  if (!Number.isInteger(maxMessages) || maxMessages < 1) throw usage(`${location}: maxMessages must be 1 or more.`)
  const overflow = query.get('overflow') ?? undefined
  if (overflow !== undefined) checkOverflow(overflow)
  return { maxMessages, overflow }
}

const KNOWN = ['maxMessages', 'overflow']

/** Throws `usage` unless it is a prefix of S3 or a directory. */
export function checkOverflow(overflow: string): void {
  if (isS3(overflow) ? isPrefix(parseS3(overflow)) : overflow !== '' && !isSqs(overflow)) return
  throw usage(`overflow must be s3://bucket/prefix/ with a slash at its end, or a directory, not "${overflow}".`)
}

function usage(message: string): SluiceError {
  return new SluiceError('usage', message)
}
