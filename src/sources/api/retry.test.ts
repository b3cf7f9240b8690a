import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fastClock } from '../testing/pull-to-csv.ts'
import { HttpFault } from './http-fault.ts'
import { Pace } from './pace.ts'
import { DEFAULT_RETRY, type RetryOptions, withRetries } from './retry.ts'

const { signal } = new AbortController()

async function waits(policy: RetryOptions, random: number, fault = new HttpFault('fails', { retryable: true })) {
  const clock = fastClock(random)
  const attempt = () => Promise.reject(fault)
  const context = { policy: { ...DEFAULT_RETRY, ...policy }, clock, signal, onRetry: () => {} }
  const error = await withRetries(attempt, context).catch((thrown: Error) => thrown)
  return { slept: clock.slept, message: (error as Error).message }
}

describe('retries', () => {
  it('wait a random part of ever longer times, up to the longest', async () => {
    const policy = { attempts: 6, firstDelayMs: 100, maxDelayMs: 1000 }
    assert.deepEqual((await waits(policy, 0.999999)).slept, [99, 199, 399, 799, 999])
    assert.deepEqual((await waits(policy, 0)).slept, [0, 0, 0, 0, 0])
    assert.deepEqual((await waits(policy, 0.5)).slept, [50, 100, 200, 400, 500])
  })

  it('wait as long as the server asks, but not beyond all patience', async () => {
    const asked = new HttpFault('is busy', { retryable: true, retryAfter: 90_000 })
    const { slept, message } = await waits({ attempts: 9 }, 0, asked)
    assert.deepEqual(slept, [90_000, 90_000, 90_000])
    assert.match(message, /is busy \(asked 4 times in 270 s; 90 s more exceed `retry.maxTimeMs`, 300 s\)/)
  })

  it('do not follow what will never pass', async () => {
    const { slept, message } = await waits({}, 0.5, new HttpFault('is wrong'))
    assert.deepEqual([slept, message], [[], 'is wrong'])
  })
})

describe('the pace', () => {
  const nothing = async () => {}

  it('keeps requests apart', async () => {
    const clock = fastClock()
    const pace = new Pace(4, clock)
    const start = clock.now()
    for (let request = 0; request < 5; request++) await pace.turn(signal, nothing)
    const spent = clock.now() - start
    assert.ok(spent >= 1000 && spent < 1100, `${spent}`)
  })

  it('holds all requests back when a server asks for it', async () => {
    const clock = fastClock()
    const pace = new Pace(undefined, clock)
    await pace.turn(signal, nothing)
    pace.pause(5000)
    const start = clock.now()
    await Promise.all([pace.turn(signal, nothing), pace.turn(signal, nothing)])
    assert.ok(clock.now() - start >= 4999)
  })
})
