import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findingsOf } from '../testing/findings.ts'
import { type Age, freshness } from './freshness.ts'

/** The run begins at noon of the last of January 2026. */
function found(maxAge: Age, ...cells: readonly (string | null)[]): readonly string[] {
  return findingsOf(freshness('at', maxAge), { at: cells }, 2).found
}

describe('freshness', () => {
  it('goes by the latest instant, up to the limit', () => {
    assert.deepEqual(found({ hours: 2 }, '2026-01-31T10:00:00Z', '2020-01-01', null, '2026-01-31T09:00:00Z'), [])
    assert.deepEqual(found({ hours: 2 }, '2026-01-31T09:59:59.999Z', '2020-01-01'), [
      'The latest "at" is 2026-01-31T09:59:59.999Z, older than 2 hours',
    ])
    assert.deepEqual(found({ days: 1, minutes: 30 }, '2026-01-30 11:30'), [])
  })

  it('does not count what is still to come, nor what is no instant', () => {
    assert.deepEqual(found({ days: 1 }, '9999-12-31', '2026-01-01'), [
      'The latest "at" is 2026-01-01T00:00:00.000Z, older than 1 day',
    ])
    assert.deepEqual(found({ days: 1 }, '9999-12-31', 'soon', null, '2026-02-30'), [
      '"at" holds no instant that has come',
    ])
  })

  it('refuses an age that is none', () => {
    const refused = (age: unknown, message: RegExp) => {
      assert.throws(() => freshness('at', age as never), { code: 'job-invalid', message })
    }
    refused({}, /give `days`, `hours` or `minutes`/)
    refused({ hours: -1 }, /hours must be a number that is not negative/)
    refused({ weeks: 1 }, /there is no option "weeks"/)
    refused('2 days', /the options must be an object/)
  })
})
