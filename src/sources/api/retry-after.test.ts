import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseHttpDate, parseRetryAfter } from './retry-after.ts'

const AT = Date.UTC(1994, 10, 6, 8, 49, 37)
const second = fc.date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true })

describe('a Retry-After field', () => {
  it('is a number of seconds', () => {
    fc.assert(fc.property(fc.nat(), (seconds) => assert.equal(parseRetryAfter(` ${seconds} `, 0), seconds * 1000)))
  })

  it('or a date in one of three forms', () => {
    for (const date of [
      'Sun, 06 Nov 1994 08:49:37 GMT',
      'Sunday, 06-Nov-94 08:49:37 GMT',
      'Sun Nov  6 08:49:37 1994',
    ]) {
      assert.equal(parseHttpDate(date), AT)
      assert.equal(parseRetryAfter(date, AT - 5000), 5000)
      assert.equal(parseRetryAfter(date, AT + 5000), 0)
    }
  })

  it('of any date is understood', () => {
    fc.assert(
      fc.property(second, (date) => {
        const text = date.toUTCString()
        assert.equal(parseHttpDate(text), Math.floor(date.getTime() / 1000) * 1000)
      }),
    )
  })

  it('that is anything else means nothing', () => {
    const others = [
      '',
      '-1',
      '1.5',
      '1e3',
      'soon',
      '2026-01-01',
      'Sun, 31 Feb 2026 00:00:00 GMT',
      'Sun, 06 Nov 1994 24:00:00 GMT',
    ]
    for (const other of others) assert.equal(parseRetryAfter(other, 0), undefined, other)
    fc.assert(
      fc.property(fc.string(), (text) => {
        const wait = parseRetryAfter(text, 0)
        assert.ok(wait === undefined || /^\s*\d+\s*$/.test(text))
      }),
    )
  })
})
