import { createHmac } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Secret } from '../../config/secret.ts'
import { VERSION } from '../../config/version.ts'
import { SluiceError } from '../../errors.ts'
import { ATTEMPTS, type Delivery } from './notifier.ts'

export interface Receiver {
  readonly url: Secret
  readonly headers: readonly (readonly [name: string, value: Secret])[]
  readonly secret: Secret | undefined
  readonly timeoutMs: number
}

/** Posts one notification, again when the server is busy or silent. No message of an error holds a secret or an answer. */
export async function postRun(receiver: Receiver, delivery: Delivery): Promise<void> {
  const url = new URL(await receiver.url.reveal())
  const body = JSON.stringify(delivery.notification)
  for (let attempt = 1; ; attempt++) {
    const refused = await post(url, { ...(await headersOf(receiver, delivery, body)) }, body, receiver.timeoutMs)
    if (refused === undefined) return
    if (!refused.retryable || attempt === ATTEMPTS) throw failure(url, refused.reason)
    await sleep(Math.min(refused.afterMs ?? PAUSE_MS * 2 ** attempt * Math.random(), receiver.timeoutMs))
  }
}

async function headersOf(
  { headers, secret }: Receiver,
  { key }: Delivery,
  body: string,
): Promise<Readonly<Record<string, string>>> {
  const own: Record<string, string> = {
    'content-type': 'application/json',
    'idempotency-key': key,
    'user-agent': `sluice/${VERSION}`,
  }
  for (const [name, value] of headers) own[name.toLowerCase()] = await value.reveal()
  if (secret !== undefined) own['sluice-signature'] = signature(await secret.reveal(), body)
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
    const { name, cause } = error as Error & { cause?: { code?: string } }
    if (name === 'TimeoutError') return { reason: `no answer within ${timeoutMs} ms`, retryable: true }
    return { reason: cause?.code ?? name, retryable: true }
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
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return {
    reason: `it answered ${status}`,
    retryable,
    ...(Number.isFinite(seconds) ? { afterMs: seconds * 1000 } : {}),
  }
}

function failure({ origin }: URL, reason: string): SluiceError {
  return new SluiceError('internal', `Cannot notify ${origin}: ${reason}.`)
}

const PAUSE_MS = 250
