import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { failing, verdictsOf } from '../testing/verdicts.ts'
import { acceptedRange } from './accepted-range.ts'

describe('acceptedRange', () => {
  it('compares numbers exactly, however many digits they have', () => {
    const rule = acceptedRange('a', { min: '0.1', max: 9007199254740993n })
    assert.deepEqual(failing(rule, '0.1', '0.10', '1e-1', '0.09999999999999999999', '9007199254740993'), [
      '0.09999999999999999999',
    ])
    assert.deepEqual(failing(rule, '9007199254740993.0', '9007199254740993.1', '9007199254740994', '+1', '.5', '5.'), [
      '9007199254740993.1',
      '9007199254740994',
    ])
  })

  it('agrees with whole numbers and their exponents', () => {
    const property = fc.property(fc.bigInt(), fc.bigInt(), fc.nat(6), (value, bound, zeros) => {
      const cell = `${value}e${zeros}`
      const isBelow = value * 10n ** BigInt(zeros) < bound
      assert.equal(failing(acceptedRange('a', { min: bound }), cell).length === 1, isBelow)
    })
    fc.assert(property)
  })

  it('takes bounds for values, or not', () => {
    const failed = (exclusive: boolean | 'min' | 'max') => {
      return failing(acceptedRange('a', { min: 0, max: 1, exclusive }), '0', '0.5', '1')
    }
    assert.deepEqual([failed(false), failed(true), failed('min'), failed('max')], [[], ['0', '1'], ['0'], ['1']])
  })

  it('fails what is no number', () => {
    const rule = acceptedRange('a', { min: -1e300 })
    assert.deepEqual(failing(rule, 'NaN', '', '1,5', '.', '-', '0x1', '1e', '1e99999', ' 1'), [
      ...['NaN', '1,5', '.', '-', '0x1', '1e', '1e99999', ' 1'],
    ])
  })

  it('compares days and instants', () => {
    const rule = acceptedRange('a', { min: new Date('2024-01-01'), max: new Date('2024-12-31T23:59:59.999Z') })
    assert.deepEqual(failing(rule, '2024-01-01', '2023-12-31', '2024-01-01T00:30:00+01:00', '2024-06-01 12:00:00'), [
      '2023-12-31',
      '2024-01-01T00:30:00+01:00',
    ])
    assert.deepEqual(failing(rule, '2024-02-30', '1.1.2024', '2024', '2024-01-01T00:00:00.123456Z'), [
      ...['2024-02-30', '1.1.2024', '2024'],
    ])
  })

  it('says what it wants', () => {
    const message = (range: Parameters<typeof acceptedRange>[1]) => {
      return verdictsOf(acceptedRange('a', range), ['x']).errors[0]?.message
    }
    assert.equal(message({ min: 0, max: 10, exclusive: 'max' }), '"a" must be at least 0 and less than 10.')
    assert.equal(message({ min: new Date(0), exclusive: true }), '"a" must be more than 1970-01-01T00:00:00.000Z.')
  })

  it('refuses a range that makes no sense', () => {
    const refused = (range: unknown, message: RegExp) => {
      assert.throws(() => acceptedRange('a', range as never), { code: 'job-invalid', message })
    }
    refused({}, /give `min`, `max` or both/)
    refused({ min: 2, max: '1.9' }, /`min` is greater than `max`/)
    refused({ min: 1, max: new Date() }, /must both be dates/)
    refused({ min: 'x' }, /min must be a number/)
    refused({ max: new Date('x') }, /max must be a number/)
    refused({ mim: 1 }, /did you mean "min"/)
  })
})
