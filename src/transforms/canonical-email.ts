import { BOOLEAN, checkOptions } from '../config/check-options.ts'
import { STRING } from '../records/data-type.ts'
import { cleanEmail } from './clean-email.ts'

export interface CanonicalEmailOptions {
  /** Keeps `+tags`, where the two boxes behind an address with one and without one are to count as two. Default false. */
  readonly keepTags?: boolean
}

/**
 * Makes a function that gives one key to all spellings of an address which one mailbox answers to, by the rules of large
 * providers: Gmail reads over dots and takes `googlemail.com` for its own, and several deliver `name+tag` to `name`.
 * For a column of its own that finds duplicates, never in place of the address: `withColumn('email_key', ['email'],
 * canonicalEmail())`. What is no address is null. Applying it twice changes nothing more.
 */
export function canonicalEmail(options: CanonicalEmailOptions = {}): (value: string | null) => string | null {
  checkOptions<CanonicalEmailOptions>('canonicalEmail', options, { keepTags: BOOLEAN })
  const { keepTags = false } = options
  const clean = cleanEmail({ onInvalid: 'null' })
  const canonical = (value: string | null) => {
    const address = clean(value)
    if (address === null || address.startsWith('"')) return address
    const at = address.lastIndexOf('@')
    const provider = PROVIDERS.get(address.slice(at + 1))
    if (provider === undefined) return address
    const local = keepTags ? address.slice(0, at) : address.slice(0, at).replace(/(?<=.)\+.*$/, '')
    const name = provider.dots ? local : local.replaceAll('.', '')
    // Without its tag it would be no address.
    return name.endsWith('.') ? address : `${name}@${provider.domain}`
  }
  return Object.assign(canonical, { description: { name: 'canonicalEmail', keepTags }, returns: STRING })
}

interface Provider {
  /** The domain under which all of its own are known. */
  readonly domain: string
  /** Dots tell its names apart. */
  readonly dots: boolean
}

/** Only what the provider itself says of its addresses. Elsewhere a plus may be part of the name. */
const PROVIDERS: ReadonlyMap<string, Provider> = new Map([
  ['gmail.com', { domain: 'gmail.com', dots: false }],
  ['googlemail.com', { domain: 'gmail.com', dots: false }],
  ...['outlook.com', 'hotmail.com', 'live.com', 'msn.com', 'icloud.com', 'fastmail.com', 'proton.me'].map(
    (domain): [string, Provider] => [domain, { domain, dots: true }],
  ),
])
