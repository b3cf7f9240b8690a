import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fitNotification } from './fit-notification.ts'
import { notificationOf } from './notification.ts'

const sample = { source: 'in.csv', row: 1, line: 2, value: 'v'.repeat(1000), code: 'bad', message: 'bad' }
const rule = { id: 'r', type: 'pattern', columns: ['v'], severity: 'error', evaluated: 9, failed: 9 }
const rules = [
  { ...rule, status: 'passed', samples: [] },
  { ...rule, status: 'failed', samples: Array.from({ length: 9 }, () => sample) },
]
const error = { code: 'validation-failed', message: '9 rows\nare faulty' }
const report = {
  ...{ run_id: 'run', job: 'orders', error, rules, settled_at: 'then' },
  ...{ source: [{ source: 'in.csv', records: 9, bytes: 90, sha256: 'x' }], outputs: [] },
  rows: { read: 9, loaded: 0, rejected: 9 },
  dead_letters: { path: '/letters.jsonl', letters: 9, delivered: true },
}

describe('a notification', () => {
  it('says in one line for people what happened', () => {
    const text = (status: 'committed' | 'invalid', more = {}) =>
      notificationOf({ report: { ...report, ...more }, status, environment: 'prod' }, 3).text
    assert.equal(text('invalid'), 'orders invalid in prod: 9 rows are faulty (run run)')
    const rows = { loaded: 8, rejected: 1 }
    assert.equal(
      text('committed', { error: null, rows }),
      'orders committed in prod: 8 rows loaded, 1 rejected (run run)',
    )
  })

  it('has the rules that failed, with a few short samples, or none', () => {
    const shown = (samples: number) => notificationOf({ report, status: 'invalid', environment: 'prod' }, samples)
    const [first = assert.fail(), ...others] = shown(2)['rules'] as (typeof rules)[number][]
    assert.deepEqual([others.length, first.samples.length, first.samples[0]?.value.length], [0, 2, 200])
    assert.doesNotMatch(JSON.stringify(shown(0)), /vvv/)
  })

  it('of a run that died early says what is known', () => {
    const early = { run_id: 'run', job: 'job', started_at: 'then', error: null }
    const { status, rows, started_at } = notificationOf({ report: early, status: 'failed', environment: 'local' }, 3)
    assert.deepEqual([status, rows, started_at], ['failed', null, 'then'])
  })

  it('fits, whatever the report, and loses samples first', () => {
    const size = fc.nat(60)
    fc.assert(
      fc.property(size, size, fc.nat(30_000), fc.integer({ min: 8_000, max: 60_000 }), (many, files, long, most) => {
        const big = {
          ...report,
          rules: Array.from({ length: many }, () => ({ ...rules[1], message: '漢'.repeat(long) })),
          source: Array.from({ length: files }, () => ({ source: '漢'.repeat(300) })),
          error: { code: 'internal', message: '漢'.repeat(long) },
        }
        const whole = notificationOf({ report: big, status: 'failed', environment: 'prod' }, 20)
        const fitted = fitNotification(whole, most)
        assert.ok(Buffer.byteLength(JSON.stringify(fitted)) <= most)
        assert.equal(fitted.run_id, 'run')
        if (JSON.stringify(fitted) !== JSON.stringify(whole)) {
          assert.equal(fitted.truncated, true)
          assert.doesNotMatch(JSON.stringify(fitted['rules']), /samples/)
        }
      }),
      { numRuns: 100 },
    )
  })
})
