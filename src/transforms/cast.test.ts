import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell } from '../records/column.ts'
import { type CastType, castSteps, castTo } from './cast.ts'

describe('cast', () => {
  const good: [CastType, string, Cell][] = [
    ['string', ' 1 ', ' 1 '],
    ['number', '1e5', 100_000],
    ['number', '-.5', -0.5],
    ['number', '9007199254740991', Number.MAX_SAFE_INTEGER],
    ['integer', '+007', 7],
    ['bigint', '9007199254740993', 9007199254740993n],
    ['boolean', 'FALSE', false],
    ['date', '2026-02-28', new Date('2026-02-28T00:00:00Z')],
    ['date', '2026-01-02T10:00', new Date('2026-01-02T10:00:00Z')],
    ['date', '2026-01-02T10:00:00+02:00', new Date('2026-01-02T08:00:00Z')],
  ]
  for (const [type, text, expected] of good) {
    it(`makes a ${type} of ${text}`, () => assert.deepEqual(castTo(type)(text), expected))
  }

  const bad: [CastType, string, RegExp][] = [
    ['number', 'x', /is no number/],
    ['number', ' 1', /is no number/],
    ['number', '1e999', /is no number/],
    ['number', '9007199254740993', /beyond 2\^53.*cast it to bigint/],
    ['number', '-9007199254740993', /bigint/],
    ['integer', '9007199254740993', /bigint/],
    ['integer', '1.5', /is no integer/],
    ['bigint', '1.0', /is no bigint/],
    ['boolean', 'no', /is no boolean/],
    ['date', '2026-02-30', /is no date/],
    ['date', '01/02/2026', /is no date/],
  ]
  for (const [type, text, message] of bad) {
    it(`makes no ${type} of ${text}`, () => assert.throws(() => castTo(type)(text), { code: 'type-error', message }))
  }

  it('leaves null and what is a number already as it is', () => {
    for (const value of [null, 2 ** 53, 1e300]) assert.equal(castTo('number')(value), value)
  })

  it('is called cast where people see it', () => {
    assert.deepEqual(
      castSteps({ a: 'number', b: 'date' }).map(({ name }) => name),
      ['cast(a)', 'cast(b)'],
    )
  })
})
