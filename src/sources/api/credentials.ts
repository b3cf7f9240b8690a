import { abortable } from '../../storage/abortable.ts'
import type { ApiAuth, AuthResources } from './auth.ts'
import { type Grant, GrantCache } from './grant-cache.ts'
import type { HttpRequest } from './http-client.ts'

/** The credentials of one pull: one for each way of showing who is asking, kept for all its requests. */
export class Credentials {
  readonly #caches: readonly GrantCache[]
  readonly #resources: AuthResources

  constructor(auths: readonly ApiAuth[], resources: AuthResources) {
    this.#caches = auths.map((auth) => new GrantCache(() => auth.obtain(resources), resources.clock))
    this.#resources = resources
  }

  async get(): Promise<readonly Grant[]> {
    return this.#hidden(await this.#wait(Promise.all(this.#caches.map((cache) => cache.get()))))
  }

  /** Others than those that were refused; undefined when there are none. */
  async renew(refused: readonly Grant[]): Promise<readonly Grant[] | undefined> {
    const renewals = this.#caches.map((cache, index) => cache.renew(refused[index] as Grant))
    const fresh = await this.#wait(Promise.all(renewals))
    if (fresh.every((grant) => grant === undefined)) return undefined
    return this.#hidden(fresh.map((grant, index) => grant ?? (refused[index] as Grant)))
  }

  /** What provides a secret may never answer. */
  #wait<T>(promise: Promise<T>): Promise<T> {
    return abortable(promise, this.#resources.signal)
  }

  #hidden(grants: readonly Grant[]): readonly Grant[] {
    for (const { secrets } of grants) for (const secret of secrets) this.#resources.hide(secret)
    return grants
  }
}

/** The request with credentials. */
export function authorized(request: HttpRequest, grants: readonly Grant[]): HttpRequest {
  const url = new URL(request.url)
  const headers = { ...request.headers }
  for (const grant of grants) {
    for (const [name, value] of Object.entries(grant.query)) url.searchParams.set(name, value)
    Object.assign(headers, grant.headers)
  }
  return { ...request, url, headers }
}
