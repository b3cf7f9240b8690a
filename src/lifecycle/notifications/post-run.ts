import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '../../config/secret.ts'
import { VERSION } from '../../config/version.ts'
import { SluiceError } from '../../errors.ts'
import { parseRetryAfter } from '../../sources/api/retry-after.ts'
import { ATTEMPTS, type Delivery } from './notifier.ts'

export interface Receiver {
  readonly url: Secret
  readonly headers: readonly (readonly [name: string, value: Secret])[]
  readonly secret: Secret | undefined
  readonly timeoutMs: number
}

/** Posts one notification, again when the server is busy or silent. No message of an error holds a secret or an answer. */
export async function postRun(receiver: Receiver, delivery: Delivery): Promise<void> {
  const url = checkedUrl(await revealed(receiver.url, receiver))
  const body = JSON.stringify(delivery.notification)
  for (let attempt = 1; ; attempt++) {
    const refused = await post(url, await headersOf(receiver, delivery, body), body, receiver.timeoutMs)
    if (refused === undefined) return
    if (!refused.retryable || attempt === ATTEMPTS) throw failure(url, refused.reason)
    await sleep(Math.min(refused.afterMs ?? PAUSE_MS * 2 ** attempt * Math.random(), receiver.timeoutMs))
  }
}

/** Nobody can wait for ever for a function that provides a secret: the run is over. */
async function revealed(secret: Secret, { timeoutMs }: Pick<Receiver, 'timeoutMs'>): Promise<string> {
  const late = new AbortController()
  const given = secret.reveal()
  try {
    const inTime = sleep(timeoutMs, undefined, { signal: late.signal })
    return await Promise.race([given, inTime.then(() => Promise.reject(tooLate(timeoutMs)))])
  } finally {
    late.abort()
  }
}

function tooLate(timeoutMs: number): SluiceError {
  return new SluiceError('secret-unavailable', `A secret of the webhook was not provided within ${timeoutMs} ms.`)
}

/** One that a provider or the environment gave was not seen before. */
function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '') return url
  const what = 'The URL of the webhook must begin with https:// or http:// and hold no password.'
  throw new SluiceError('secret-unavailable', what)
}

async function headersOf(
  receiver: Receiver,
  { key }: Delivery,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const { headers, secret } = receiver
  const own: Record<string, string> = {
    'content-type': 'application/json',
    'idempotency-key': key,
    'user-agent': `sluice/${VERSION}`,
  }
  for (const [name, value] of headers) own[name.toLowerCase()] = await revealed(value, receiver)
  if (secret !== undefined) own['sluice-signature'] = signature(await revealed(secret, receiver), body)
  return own
}

/** With the time in it, so that who records a request cannot use it later. */
function signature(secret: string, body: string): string {
  const seconds = Math.floor(Date.now() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

interface Refusal {
  readonly reason: string
  readonly retryable: boolean
  /** What the server asked for. */
  readonly afterMs?: number
}

async function post(
  start: URL,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
): Promise<Refusal | undefined> {
  const signal = AbortSignal.timeout(timeoutMs)
  let url = start
  for (let redirects = 0; redirects <= REDIRECTS; redirects++) {
    const answer = await ask(url, { method: 'POST', headers, body, signal, redirect: 'manual' }, timeoutMs)
    if (!(answer instanceof Response)) return answer
    await answer.body?.cancel()
    if (!KEPT.has(answer.status)) return answer.ok ? undefined : refusalOf(answer)
    const next = nextOf(url, answer)
    if (next === undefined) return { reason: `it redirects to another host (${answer.status})`, retryable: false }
    url = next
  }
  return { reason: `it redirects more than ${REDIRECTS} times`, retryable: false }
}

async function ask(url: URL, request: RequestInit, timeoutMs: number): Promise<Response | Refusal> {
  try {
    return await fetch(url.href, request)
  } catch (error) {
    const { name, cause } = error as Error & { cause?: Error & { code?: string } }
    if (name === 'TimeoutError') return { reason: `no answer within ${timeoutMs} ms`, retryable: true }
    // What never went out is refused for a value, which the message quotes: it may be a secret.
    if (cause === undefined) return { reason: 'a header has characters that HTTP does not take', retryable: false }
    return { reason: cause.code ?? cause.message, retryable: cause.code !== undefined }
  }
}

/** Redirects that keep method and body; all others would turn the POST into something else. */
const KEPT: ReadonlySet<number> = new Set([307, 308])
const REDIRECTS = 3

/** Undefined when it leads elsewhere: neither the body nor the headers are for another host. */
function nextOf(url: URL, answer: Response): URL | undefined {
  const location = answer.headers.get('location') ?? ''
  const next = URL.canParse(location, url.href) ? new URL(location, url.href) : undefined
  return next?.origin === url.origin ? next : undefined
}

function refusalOf({ status, headers }: Response): Refusal {
  const retryable = status >= 500 || status === 408 || status === 425 || status === 429
  const afterMs = parseRetryAfter(headers.get('retry-after') ?? '', Date.now())
  return { reason: `it answered ${status}`, retryable, ...(afterMs === undefined ? {} : { afterMs }) }
}

function failure({ origin }: URL, reason: string): SluiceError {
  return new SluiceError('internal', `Cannot notify ${origin}: ${reason}.`)
}

const PAUSE_MS = 250
