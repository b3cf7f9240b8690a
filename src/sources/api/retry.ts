import type { Clock } from './clock.ts'
import { HttpFault } from './http-fault.ts'

/** How patient a pull is, for each page and each token. */
export interface RetryOptions {
  /** How often one thing is asked for, at most; default 5. */
  readonly attempts?: number
  /** The first wait is a random one of up to so many milliseconds, the next up to twice as many; default 500. */
  readonly firstDelayMs?: number
  /** No wait of our own is longer; default 30,000. What a server asks for by `Retry-After` may be. */
  readonly maxDelayMs?: number
  /** From the first attempt to the last, waits included; default 300,000. */
  readonly maxTimeMs?: number
  /** Answers that are asked for again; default 408, 429, 502, 503 and 504. */
  readonly statuses?: readonly number[]
}

export type RetryPolicy = Required<RetryOptions>

export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 5,
  firstDelayMs: 500,
  maxDelayMs: 30_000,
  maxTimeMs: 300_000,
  statuses: [408, 429, 502, 503, 504],
}

export interface RetryContext {
  readonly policy: RetryPolicy
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told before each wait. */
  onRetry(retry: Retry): void
}

export interface Retry {
  readonly attempt: number
  readonly waitMs: number
  readonly fault: HttpFault
}

/**
 * Does it again while it fails by an HttpFault that may pass: with exponential back-off and full jitter, and not before
 * the server wants. Throws the last fault, which says how often it was tried.
 */
export async function withRetries<T>(attempt: () => Promise<T>, context: RetryContext): Promise<T> {
  const { policy, clock, signal, onRetry } = context
  const start = clock.now()
  for (let count = 1; ; count++) {
    try {
      return await attempt()
    } catch (fault) {
      if (!(fault instanceof HttpFault) || !fault.retryable) throw fault
      const waitMs = waitAfter(count, fault, context)
      const spent = clock.now() - start
      if (count >= policy.attempts) throw exhausted(fault, `asked ${count} times`)
      if (spent + waitMs > policy.maxTimeMs) throw outOfTime(fault, { count, spent, waitMs, policy })
      onRetry({ attempt: count, waitMs, fault })
      await clock.sleep(waitMs, signal)
    }
  }
}

/** Full jitter: many clients that failed together do not come back together. */
function waitAfter(count: number, { retryAfter = 0 }: HttpFault, { policy, clock }: RetryContext): number {
  const most = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** (count - 1))
  return Math.max(retryAfter, Math.floor(clock.random() * most))
}

function outOfTime(
  fault: HttpFault,
  { count, spent, waitMs, policy }: { count: number; spent: number; waitMs: number; policy: RetryPolicy },
): HttpFault {
  const asked = `asked ${count} ${count === 1 ? 'time' : 'times'} in ${seconds(spent)}`
  return exhausted(fault, `${asked}; ${seconds(waitMs)} more exceed \`retry.maxTimeMs\`, ${seconds(policy.maxTimeMs)}`)
}

function exhausted(fault: HttpFault, how: string): HttpFault {
  const { code, retryAfter } = fault
  return new HttpFault(`${fault.message} (${how})`, { code, retryable: true, retryAfter })
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 100) / 10} s`
}
