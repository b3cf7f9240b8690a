import { setTimeout as sleep } from 'node:timers/promises'
import type { S3ClientConfig } from '@aws-sdk/client-s3'
import { isThrottled, isTransient } from './s3-error.ts'
import { s3Timing } from './s3-timing.ts'

/** How often a request is made that comes to nothing. */
export const ATTEMPTS = 5

/** The waits before a request is repeated: exponential, with full jitter, and longer when S3 asks to slow down. */
export function pauseBefore(attempt: number, throttled: boolean): number {
  const base = s3Timing().retryMs * (throttled ? THROTTLED : 1)
  return Math.random() * Math.min(base * 2 ** attempt, MOST_MS)
}

/**
 * What the SDK asks when a request came to nothing. Unlike the one that it brings, this one has no allowance for all
 * requests of a process together, which a long run would use up.
 */
export const retryStrategy: NonNullable<S3ClientConfig['retryStrategy']> = {
  acquireInitialRetryToken: async () => token(0, 0),
  refreshRetryTokenForRetry: async (failed, { errorType, retryAfterHint }) => {
    const attempt = failed.getRetryCount() + 1
    const repeatable = errorType === 'THROTTLING' || errorType === 'TRANSIENT'
    if (!repeatable || attempt >= ATTEMPTS) throw new Error('no more attempts')
    const wait = pauseBefore(attempt, errorType === 'THROTTLING')
    const asked = retryAfterHint === undefined ? 0 : retryAfterHint.getTime() - Date.now()
    return token(attempt, Math.max(wait, Math.min(asked, MOST_MS)))
  },
  recordSuccess: () => {},
}

function token(attempts: number, delay: number) {
  return { getRetryCount: () => attempts, getRetryDelay: () => delay }
}

/** For requests whose answers the SDK does not see to their end. */
export async function repeating<R>(work: () => Promise<R>, signal: AbortSignal): Promise<R> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work()
    } catch (error) {
      signal.throwIfAborted()
      if (!isTransient(error) || attempt === ATTEMPTS) throw error
      await sleep(pauseBefore(attempt, isThrottled(error)), undefined, { signal })
    }
  }
}

const THROTTLED = 20
const MOST_MS = 10_000
