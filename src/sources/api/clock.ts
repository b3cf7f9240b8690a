import { setTimeout as wait } from 'node:timers/promises'

/** Time and chance, so that tests need not wait for either. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** From 0 to below 1. */
  random(): number
  /** Rejects as soon as the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export const SYSTEM_CLOCK: Clock = {
  now: Date.now,
  random: Math.random,
  sleep: (milliseconds, signal) => wait(Math.min(milliseconds, LONGEST), undefined, { signal }),
}

/** Some 25 days: a timer that is set to more goes off at once. */
const LONGEST = 2 ** 31 - 1
