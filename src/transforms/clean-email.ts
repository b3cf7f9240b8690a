import { Buffer } from 'node:buffer'
import { domainToASCII } from 'node:url'
import { BOOLEAN, checkOptions, oneOf } from '../config/check-options.ts'
import {
  type ColumnFunction,
  isRejection,
  type Rejection,
  reject,
  type SpanKernel,
} from '../records/column-function.ts'
import { STRING } from '../records/data-type.ts'

export interface CleanEmailOptions {
  /** Keeps the case of the part before the @, which RFC 5321 leaves to the receiving host. Default: lower case. */
  readonly preserveLocalCase?: boolean
  /**
   * What becomes of a value that is no address: `reject` (default) rejects the row as `invalid-email`, `null` empties
   * the cell, `keep` leaves it as it was.
   */
  readonly onInvalid?: 'reject' | 'null' | 'keep'
}

/**
 * Makes a function that brings an e-mail address into one spelling: white space and invisible characters around it,
 * `mailto:`, one pair of angle brackets and trailing `. , ;` go; it is composed to NFC and lower-cased; the domain is
 * IDNA-encoded. Blank values become null. Addresses of different meaning stay different: dots and +tags are kept,
 * no domain is rewritten and no typing error guessed. Applying it twice changes nothing more.
 */
export function cleanEmail(options: CleanEmailOptions = {}): ColumnFunction<string | null, string | null> {
  checkOptions<CleanEmailOptions>('cleanEmail', options, {
    preserveLocalCase: BOOLEAN,
    onInvalid: oneOf('reject', 'null', 'keep'),
  })
  const { preserveLocalCase = false, onInvalid = 'reject' } = options
  const settle = (value: string | null): string | null | Rejection => {
    if (typeof value !== 'string' && value !== null) throw notText(value)
    const text = value === null ? '' : trim(value.normalize('NFC'))
    if (text === '') return null
    const parts = split(unwrap(text))
    const result = typeof parts === 'string' ? parts : normalize(parts, preserveLocalCase)
    if (typeof result !== 'string') return result.address
    if (onInvalid === 'reject') return rejection(result)
    return onInvalid === 'keep' ? value : null
  }
  const clean = (value: string | null): string | null => {
    const result = settle(value)
    if (isRejection(result)) throw result
    return result
  }
  const description = { name: 'cleanEmail', preserveLocalCase, onInvalid }
  return Object.assign(clean, { settle, description, returns: STRING }, preserveLocalCase ? {} : { kernel })
}

function notText(value: unknown): TypeError {
  return new TypeError(`cleanEmail reads text, not a ${typeof value}; cast the column to string before`)
}

/** One for each of the few reasons, for there may be as many as rows. */
function rejection(reason: string): Rejection {
  let known = rejections.get(reason)
  if (known === undefined) {
    known = reject('invalid-email', `not an e-mail address: ${reason}`)
    rejections.set(reason, known)
  }
  return known
}

const rejections = new Map<string, Rejection>()

/** Only lists what is not plainly valid, so it serves every `onInvalid`. */
const kernel: SpanKernel = {
  capacity: (inputBytes) => inputBytes,
  run: (kernels, { spans, stride, rows, live, out, arena, slow }) =>
    kernels.cleanEmail(spans, stride, rows, live, out, arena, slow),
}

/** White space, NBSP and BOM among it, and what nobody sees: soft hyphen, zero-width and direction marks. */
const INVISIBLE = '[\\s\\u00ad\\u180e\\u200b-\\u200f\\u2060]'
const LEADING = new RegExp(`^${INVISIBLE}+`)
const INVISIBLE_ONE = new RegExp(`^${INVISIBLE}$`)

function trim(text: string): string {
  return trimEnd(text.replace(LEADING, ''))
}

/** A loop, because a regular expression anchored at the end alone takes quadratic time. */
function trimEnd(text: string, more = ''): string {
  let end = text.length
  while (end > 0 && (more.includes(text[end - 1]!) || INVISIBLE_ONE.test(text[end - 1]!))) end--
  return text.slice(0, end)
}

/** Takes off what mail programs and careless copying put around an address. */
function unwrap(text: string): string {
  const bare = withoutScheme(trimEnd(text, '.,;'))
  if (!bare.startsWith('<') || !bare.endsWith('>')) return bare
  return withoutScheme(trimEnd(trim(bare.slice(1, -1)), '.,;'))
}

function withoutScheme(text: string): string {
  return /^mailto:/i.test(text) ? trim(text.slice(7)) : text
}

interface Parts {
  readonly local: string
  readonly domain: string
}

/** The two parts of the address, or why it has not exactly two. */
function split(text: string): Parts | string {
  const quoted = text.startsWith('"') ? /^"(?:[^"\\]|\\.)*"/u.exec(text)?.[0] : ''
  if (quoted === undefined) return 'a quote is not closed'
  const at = text.indexOf('@', quoted.length)
  if (at < 0) return 'no @'
  if (text.includes('@', at + 1)) return 'more than one @'
  return { local: text.slice(0, at), domain: text.slice(at + 1) }
}

/** The one spelling of an address, or why it is none. */
function normalize({ local, domain }: Parts, preserveCase: boolean): { address: string } | string {
  // Lower case can come out decomposed.
  const name = preserveCase ? local : local.toLowerCase().normalize('NFC')
  const host = encode(domain)
  const address = `${name}@${host}`
  const fault = localFault(name) ?? domainFault(host)
  if (fault !== undefined) return fault
  return address.length > 127 && Buffer.byteLength(address) > 254 ? 'longer than 254 bytes' : { address }
}

const ATOM = /^[a-z0-9.!#$%&'*+/=?^_`{|}~-]*$/i
const INTERNATIONAL_ATOM = /^(?:[a-z0-9.!#$%&'*+/=?^_`{|}~-]|[^\0-\x7f\p{Z}\p{C}])*$/iu
const QUOTED = /^"(?:[^"\\\p{C}]|\\[^\p{C}])+"$/u

function localFault(local: string): string | undefined {
  if (local === '') return 'nothing before the @'
  if (local.length > 21 && Buffer.byteLength(local) > 64) return 'more than 64 bytes before the @'
  if (local.startsWith('"')) return QUOTED.test(local) ? undefined : 'a wrong quoted part before the @'
  if (!ATOM.test(local) && !INTERNATIONAL_ATOM.test(local)) return 'a character before the @ that is not allowed'
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return 'a dot too many before the @'
  return undefined
}

/** Lower-cased and IDNA-encoded; unchanged if it cannot be. */
function encode(domain: string): string {
  // The encoder would read `host/path` or `%41` as a part of an URL.
  if (!/^[a-z0-9.\x80-\uffff-]*$/.test(domain.toLowerCase())) return domain
  return /^[\0-\x7f]*$/.test(domain) ? domain.toLowerCase() : domainToASCII(domain) || domain
}

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
const TOP_LABEL = /^(?:[a-z]{2,63}|xn--[a-z0-9-]*[a-z0-9])$/

function domainFault(domain: string): string | undefined {
  const labels = domain.split('.')
  if (labels.includes('')) return domain === '' ? 'nothing after the @' : 'a dot too many after the @'
  if (labels.length < 2) return 'no dot after the @'
  if (!labels.every((label) => LABEL.test(label))) return 'a domain that cannot be'
  return TOP_LABEL.test(labels.at(-1)!) ? undefined : 'a top-level domain that cannot be'
}
