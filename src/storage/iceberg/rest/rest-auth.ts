import type { RestCatalogConfig } from '../../../config/catalog-config.ts'
import { secretOf } from '../../../config/secret.ts'
import { SluiceError } from '../../../errors.ts'
import { type CatalogToken, requestToken } from './client-credentials.ts'
import { type SignedRequest, sigV4 } from './sigv4.ts'

/** How requests show who is asking. Nothing is asked for before the first request. */
export interface RestAuth {
  /** All fields of a request, with those that show it. */
  headers(request: SignedRequest): Promise<Readonly<Record<string, string>>>
  /** Forgets what the server refused. False when there is nothing else to show. */
  renew(): boolean
  /** A message without what must not be shown. */
  hide(text: string): string
}

/** Throws `config-invalid` where secrets would go over the network in clear. */
export function restAuth(name: string, { uri, auth }: RestCatalogConfig, timeoutMs: number): RestAuth {
  if (auth === undefined) return { headers: async ({ headers }) => headers, renew: () => false, hide: (text) => text }
  const url = new URL(uri)
  checkEncrypted(name, url)
  switch (auth.type) {
    case 'bearer': {
      const secret = secretOf(auth.token, `token of the catalog ${name}`)
      return new TokenAuth(async () => ({ token: await secret.reveal(), renewAt: Number.POSITIVE_INFINITY }))
    }
    case 'oauth2': {
      const tokenUrl = new URL(auth.tokenUrl ?? `${uri.replace(/\/+$/, '')}/v1/oauth/tokens`)
      checkEncrypted(name, tokenUrl)
      return new TokenAuth(() => requestToken(auth, tokenUrl, timeoutMs))
    }
    default:
      return signing(auth.service, auth.region)
  }
}

function signing(service: string, region: string | undefined): RestAuth {
  let signer: ReturnType<typeof sigV4> | undefined
  return {
    headers: async (request) => {
      signer ??= sigV4(service, region)
      return await (await signer)(request)
    },
    renew: () => false,
    hide: (text) => text,
  }
}

/** One token for all requests, until it ends or is refused. */
class TokenAuth implements RestAuth {
  readonly #obtain: () => Promise<CatalogToken>
  #current: CatalogToken | undefined
  #pending: Promise<CatalogToken> | undefined

  constructor(obtain: () => Promise<CatalogToken>) {
    this.#obtain = obtain
  }

  async headers({ headers }: SignedRequest): Promise<Readonly<Record<string, string>>> {
    if (this.#current === undefined || Date.now() >= this.#current.renewAt) {
      this.#pending ??= this.#obtain().finally(() => {
        this.#pending = undefined
      })
      this.#current = await this.#pending
    }
    return { ...headers, authorization: `Bearer ${this.#current.token}` }
  }

  renew(): boolean {
    this.#current = undefined
    return true
  }

  hide(text: string): string {
    return this.#current === undefined ? text : text.replaceAll(this.#current.token, '***')
  }
}

function checkEncrypted(name: string, { protocol, hostname, origin }: URL): void {
  const loopback = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
  if (protocol === 'https:' || loopback) return
  throw new SluiceError('config-invalid', `The catalog ${name} would send secrets in clear to ${origin}; use https://.`)
}
