import type { CatalogAuth } from '../../../config/catalog-config.ts'
import { secretOf } from '../../../config/secret.ts'
import { SluiceError } from '../../../errors.ts'

export interface CatalogToken {
  readonly token: string
  /** Milliseconds since the epoch from when on another one is wanted. */
  readonly renewAt: number
}

/** OAuth 2.0 client credentials (RFC 6749, section 4.4), in the form that Iceberg's catalogs take: in the body. */
export async function requestToken(
  auth: Extract<CatalogAuth, { type: 'oauth2' }>,
  tokenUrl: URL,
  timeoutMs: number,
): Promise<CatalogToken> {
  const oauth = await import('oauth4webapi')
  const server = { issuer: tokenUrl.origin, token_endpoint: tokenUrl.href }
  const client = { client_id: await secretOf(auth.clientId, 'clientId of the catalog').reveal() }
  const secret = await secretOf(auth.clientSecret, 'clientSecret of the catalog').reveal()
  // The life of a token begins at the latest when it was asked for.
  const asked = Date.now()
  try {
    const parameters = { scope: auth.scope ?? 'catalog' }
    const show = oauth.ClientSecretPost(secret)
    const answer = await oauth.clientCredentialsGrantRequest(server, client, show, parameters, {
      signal: AbortSignal.timeout(timeoutMs),
      // Whether http:// will do is checked when the catalog is opened.
      [oauth.allowInsecureRequests]: true,
    })
    const { access_token: token, expires_in: life = 3600 } = await oauth.processClientCredentialsResponse(
      server,
      client,
      answer,
    )
    return { token, renewAt: asked + life * 1000 - Math.min(60_000, life * 500) }
  } catch (error) {
    throw refusal(error, tokenUrl)
  }
}

/** The library's errors carry the answer, with tokens in it: only its code and the status are taken over. */
function refusal(error: unknown, { origin, pathname }: URL): SluiceError {
  const { error: said, status, code } = error as { error?: unknown; status?: number; code?: string }
  const known = typeof said === 'string' && /^[a-z_]{1,40}$/.test(said) ? said : undefined
  const why = [known, status === undefined ? undefined : `HTTP ${status}`, code].filter((part) => part !== undefined)
  const text = `${origin}${pathname} gave no token (${why.join(', ') || 'no OAuth answer'}).`
  return new SluiceError(
    'secret-unavailable',
    `${text} Check tokenUrl, clientId, clientSecret and scope of the catalog.`,
  )
}
