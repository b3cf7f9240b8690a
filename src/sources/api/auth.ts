import { type Secret, type SecretSource, secretOf } from '../../config/secret.ts'
import { SluiceError } from '../../errors.ts'
import type { Clock } from './clock.ts'
import type { Obtained } from './grant-cache.ts'
import type { HttpRequest, HttpResponse } from './http-client.ts'

/** How a pull shows who it is. A job only names it; nothing is asked for or revealed before the first request. */
export interface ApiAuth {
  /** Part of the job's fingerprint: without secrets. */
  readonly description: Readonly<Record<string, unknown>>
  /** Called for the first request, when a grant is about to end, and when a server refused it. */
  obtain(resources: AuthResources): Promise<Obtained>
}

export interface AuthResources {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Sends a request without credentials of its own, with the patience of the pull. Throws SluiceError. */
  send(request: HttpRequest): Promise<HttpResponse>
  /** Takes what may never be shown. */
  hide(secret: string): void
}

/** `Authorization: Bearer …`, with a token that somebody else got. A function is asked again when it is refused. */
export function bearer(token: SecretSource): ApiAuth {
  const secret = secretOf(token, 'the token of bearer')
  return {
    description: { type: 'bearer' },
    obtain: async () => {
      const value = await headerValue(secret, 'the token of bearer')
      return headerGrant('authorization', `Bearer ${value}`, value)
    },
  }
}

/** `Authorization: Basic …` (RFC 7617). */
export function basicAuth({
  user,
  password,
}: {
  readonly user: SecretSource
  readonly password: SecretSource
}): ApiAuth {
  const secrets = [secretOf(user, 'user of basicAuth'), secretOf(password, 'password of basicAuth')] as const
  return {
    description: { type: 'basic' },
    obtain: async () => {
      const [name, word] = [await secrets[0].reveal(), await secrets[1].reveal()]
      if (name.includes(':')) throw new SluiceError('secret-unavailable', 'basicAuth: the user must not contain a ":".')
      const pair = Buffer.from(`${name}:${word}`).toString('base64')
      return { grant: { headers: { authorization: `Basic ${pair}` }, query: {}, secrets: [word, pair] } }
    },
  }
}

/** A key in a header field, or in the query where an API insists: there it is hidden wherever addresses are shown. */
export function apiKey(
  options:
    | { readonly header: string; readonly key: SecretSource }
    | { readonly query: string; readonly key: SecretSource },
): ApiAuth {
  const secret = secretOf(options.key, 'key of apiKey')
  if ('header' in options) {
    const { header } = options
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(header))
      throw new SluiceError('job-invalid', 'apiKey: header must be a field name.')
    return {
      description: { type: 'api-key', header },
      obtain: async () => {
        const value = await headerValue(secret, 'key of apiKey')
        return headerGrant(header.toLowerCase(), value, value)
      },
    }
  }
  const { query } = options
  if (typeof query !== 'string' || query === '') throw new SluiceError('job-invalid', 'apiKey: name a header or query.')
  return {
    description: { type: 'api-key', query },
    obtain: async () => {
      const key = await secret.reveal()
      return { grant: { headers: {}, query: { [query]: key }, secrets: [key] } }
    },
  }
}

function headerGrant(name: string, value: string, secret: string): Obtained {
  return { grant: { headers: { [name]: value }, query: {}, secrets: [secret] } }
}

/** What cannot stand in a header field is told here: whoever sends it would quote it. */
async function headerValue(secret: Secret, what: string): Promise<string> {
  const value = await secret.reveal()
  if (/^[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?$/.test(value)) return value
  const text = `${what} has characters that a header field cannot hold, such as a line end. Was it read from a file?`
  throw new SluiceError('secret-unavailable', text)
}
