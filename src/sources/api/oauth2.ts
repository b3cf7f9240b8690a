import { type SecretSource, secretOf } from '../../config/secret.ts'
import { SluiceError } from '../../errors.ts'
import type { ApiAuth, AuthResources } from './auth.ts'
import { checkedUrl } from './checked-url.ts'
import type { Obtained } from './grant-cache.ts'
import { safeUrl } from './safe-url.ts'

export interface OAuth2ClientCredentials {
  readonly tokenUrl: string | URL
  readonly clientId: SecretSource
  readonly clientSecret: SecretSource
  readonly scope?: string | readonly string[]
  /** More for the token endpoint, such as `audience`. */
  readonly parameters?: Readonly<Record<string, string>>
  /** How the client shows itself: in a header (default) or in the form. */
  readonly clientAuthentication?: 'basic' | 'post'
  /** A token is replaced so long before its end, but not before half of its life; default 60,000. */
  readonly refreshEarlyMs?: number
  /** Lets secrets go over http:// to other machines than this one; default false. */
  readonly allowHttp?: boolean
}

/**
 * OAuth 2.0 client credentials (RFC 6749, section 4.4), by oauth4webapi. One token serves all requests; it is replaced
 * before it ends, and once when a server refuses it.
 */
export function oauth2ClientCredentials(options: OAuth2ClientCredentials): ApiAuth {
  const { clientAuthentication = 'basic', scope = [], allowHttp = false } = options
  const tokenUrl = checkedUrl(options.tokenUrl, 'oauth2ClientCredentials: tokenUrl', { allowHttp, secrets: true })
  const setup: Setup = {
    tokenUrl,
    scope: typeof scope === 'string' ? scope : scope.join(' '),
    id: secretOf(options.clientId, 'clientId'),
    secret: secretOf(options.clientSecret, 'clientSecret'),
    parameters: options.parameters ?? {},
    clientAuthentication,
    refreshEarlyMs: options.refreshEarlyMs ?? 60_000,
  }
  const parameters = Object.keys(setup.parameters)
  return {
    description: { type: 'oauth2', tokenUrl: safeUrl(tokenUrl), scope: setup.scope, parameters, clientAuthentication },
    obtain: (resources) => requestToken(setup, resources),
  }
}

interface Setup {
  readonly tokenUrl: URL
  readonly scope: string
  readonly id: ReturnType<typeof secretOf>
  readonly secret: ReturnType<typeof secretOf>
  readonly parameters: Readonly<Record<string, string>>
  readonly clientAuthentication: 'basic' | 'post'
  readonly refreshEarlyMs: number
}

async function requestToken(setup: Setup, resources: AuthResources): Promise<Obtained> {
  const oauth = await import('oauth4webapi')
  const { tokenUrl, scope, clientAuthentication } = setup
  const server = { issuer: tokenUrl.origin, token_endpoint: tokenUrl.href }
  const client = { client_id: await setup.id.reveal() }
  const clientSecret = await setup.secret.reveal()
  resources.hide(clientSecret)
  for (const value of Object.values(setup.parameters)) resources.hide(value)
  const shown = clientAuthentication === 'basic' ? oauth.ClientSecretBasic : oauth.ClientSecretPost
  const parameters = { ...setup.parameters, ...(scope === '' ? {} : { scope }) }
  // The life of a token begins at the latest when it was asked for.
  const asked = resources.clock.now()
  try {
    const response = await oauth.clientCredentialsGrantRequest(server, client, shown(clientSecret), parameters, {
      signal: resources.signal,
      // Whether http:// will do is checked when the job is made.
      [oauth.allowInsecureRequests]: true,
      [oauth.customFetch]: (url, request) => sendByPull(resources, url, request),
    })
    const { access_token: token, expires_in: life } = await oauth.processClientCredentialsResponse(
      server,
      client,
      response,
    )
    resources.hide(token)
    return obtained(token, asked, life, setup.refreshEarlyMs)
  } catch (error) {
    if (resources.signal.aborted) throw resources.signal.reason
    throw error instanceof SluiceError ? error : refusal(error, tokenUrl)
  }
}

function obtained(token: string, asked: number, life: number | undefined, refreshEarlyMs: number): Obtained {
  const grant = { headers: { authorization: `Bearer ${token}` }, query: {}, secrets: [token] }
  if (life === undefined) return { grant }
  return { grant, renewAt: asked + life * 1000 - Math.min(refreshEarlyMs, life * 500) }
}

async function sendByPull(
  resources: AuthResources,
  url: string,
  { headers, body }: { readonly headers: Record<string, string>; readonly body: URLSearchParams },
): Promise<Response> {
  const answer = await resources.send({ method: 'POST', url: new URL(url), headers, body: body.toString() })
  return new Response(new Uint8Array(answer.body), { status: answer.status, headers: answer.headers })
}

/** The library's errors carry the answer, with tokens in it; only the code of RFC 6749 is taken over. */
function refusal(error: unknown, tokenUrl: URL): SluiceError {
  const { error: said, code, cause } = error as { error?: unknown; code?: string; cause?: { status?: unknown } }
  // For some errors it is the answer, for others what stood in it.
  const { status = cause?.status } = error as { status?: unknown }
  const known = typeof said === 'string' && REASONS.includes(said) ? said : undefined
  const failed = typeof status === 'number' && status !== 200
  const why = [known, failed ? `HTTP ${status}` : undefined, code].filter((part) => part !== undefined)
  const fix =
    'Check tokenUrl, clientId, clientSecret and scope, and whether the server wants `clientAuthentication: "post"`.'
  const text = `The token endpoint ${safeUrl(tokenUrl)} gave no token (${why.join(', ') || 'no OAuth answer'}). ${fix}`
  // A server that failed has refused nobody.
  const errorCode = failed && status >= 500 ? 'source-failed' : 'source-unauthorized'
  return new SluiceError(errorCode, text, { context: { url: safeUrl(tokenUrl) } })
}

const REASONS = [
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
  'invalid_target',
  'access_denied',
  'server_error',
  'temporarily_unavailable',
]
