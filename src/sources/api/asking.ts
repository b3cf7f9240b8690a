import type { Clock } from './clock.ts'
import type { Credentials } from './credentials.ts'
import { authorized } from './credentials.ts'
import type { Grant } from './grant-cache.ts'
import type { HttpClient, HttpRequest, HttpResponse } from './http-client.ts'
import { HttpFault } from './http-fault.ts'
import type { Pace } from './pace.ts'
import type { Redactor } from './redactor.ts'
import type { RetryPolicy } from './retry.ts'
import { parseRetryAfter } from './retry-after.ts'

export interface AskResources {
  readonly client: HttpClient
  readonly pace: Pace
  readonly clock: Clock
  readonly redactor: Redactor
  readonly signal: AbortSignal
  /** Which answers may be others later, and how long is waited for that. */
  readonly retry: Pick<RetryPolicy, 'statuses' | 'maxTimeMs'>
  /** Whether credentials may go there. */
  isAllowed(url: URL): boolean
}

/**
 * Asks once with credentials: follows redirects to where they may be sent, and asks again with new ones when they are
 * refused. Throws HttpFault for any answer that is no success.
 */
export async function ask(request: HttpRequest, credentials: Credentials, resources: AskResources): Promise<Followed> {
  let followed = await follow(request, credentials, resources)
  if (followed.answer.status === 401 && (await credentials.renew(followed.grants)) !== undefined) {
    followed = await follow(request, credentials, resources)
  }
  checkStatus(followed.answer, resources)
  return followed
}

/** Sends a request for which others wait with their turn, without credentials of its own. */
export async function sendAtOnce(request: HttpRequest, resources: AskResources): Promise<HttpResponse> {
  await resources.pace.overtake(resources.signal)
  return await send(request, resources)
}

/** A server that asks for patience gets it from all requests of the pull. */
async function send(request: HttpRequest, resources: AskResources): Promise<HttpResponse> {
  const { client, pace, signal, retry } = resources
  const answer = await client.send(request, signal)
  if (!retry.statuses.includes(answer.status)) return answer
  const retryAfter = retryAfterOf(answer, resources)
  // What nobody has the patience for ends the pull; a request that stands before it must not wait so long to say so.
  if (retryAfter !== undefined && retryAfter <= retry.maxTimeMs) pace.pause(retryAfter)
  throw new HttpFault(`answered ${statusText(answer)}`, { retryable: true, retryAfter })
}

function retryAfterOf({ headers }: HttpResponse, { clock }: AskResources): number | undefined {
  const field = headers['retry-after']
  if (field === undefined) return undefined
  const there = Date.parse(headers['date'] ?? '')
  return parseRetryAfter(field, Number.isNaN(there) ? clock.now() : there)
}

export interface Followed {
  readonly answer: HttpResponse
  /** Where it came from in the end. */
  readonly url: URL
  /** With which it was asked for. */
  readonly grants: readonly Grant[]
}

async function follow(request: HttpRequest, credentials: Credentials, resources: AskResources): Promise<Followed> {
  const { pace, signal } = resources
  let url = request.url
  for (let hops = 0; hops <= MOST_HOPS; hops++) {
    const grants = await pace.turn(signal, () => credentials.get())
    const answer = await send(authorized({ ...request, url }, grants), resources)
    const location = REDIRECTS.includes(answer.status) ? answer.headers['location'] : undefined
    if (location === undefined) return { answer, url, grants }
    const next = URL.parse(location, url.href)
    if (next === null) throw new HttpFault('redirects to what is no address')
    if (!resources.isAllowed(next)) throw elsewhere('redirects', next)
    url = next
  }
  throw new HttpFault(`redirects more than ${MOST_HOPS} times`)
}

/** Nobody's credentials are sent to where somebody else's answer points. */
export function elsewhere(what: string, { origin }: URL): HttpFault {
  const fix = `If your credentials may go there, set \`allowOrigins: ['${origin}']\`.`
  return new HttpFault(`${what} to another origin, ${origin}, where it was not followed. ${fix}`)
}

function checkStatus(answer: HttpResponse, { redactor }: AskResources): void {
  const { status } = answer
  if (status >= 200 && status < 300) return
  if (status === 401 || status === 403) {
    const fix =
      status === 401 ? 'Check the secrets of `auth`.' : 'Check what the credentials permit, such as the scope.'
    throw new HttpFault(`refused the credentials with ${statusText(answer)}. ${fix}`, { code: 'source-unauthorized' })
  }
  const code = status === 404 || status === 410 ? 'source-not-found' : 'source-failed'
  throw new HttpFault(`answered ${statusText(answer)}${excerpt(answer, redactor)}`, { code })
}

function statusText({ status }: HttpResponse): string {
  const name = statusCodes()[status]
  return name === undefined ? `HTTP ${status}` : `HTTP ${status} ${name}`
}

/** What the server says is wrong with the request. Pages for people say nothing. */
function excerpt({ headers, body }: HttpResponse, redactor: Redactor): string {
  if (!/json|text\/plain/.test(headers['content-type'] ?? '')) return ''
  // First redacted, then cut: half a secret would not be found.
  const text = redactor
    .redact(body.toString())
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  return text === '' ? '' : `: ${text.length > EXCERPT ? `${text.slice(0, EXCERPT)}…` : text}`
}

const EXCERPT = 300
const MOST_HOPS = 5
const REDIRECTS = [301, 302, 303, 307, 308]

/** Asked for when a server complains: an import of the module brings all of HTTP, at the start of every process. */
function statusCodes(): typeof import('node:http').STATUS_CODES {
  return process.getBuiltinModule('node:http').STATUS_CODES
}
