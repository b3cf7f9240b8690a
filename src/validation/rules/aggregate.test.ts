import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findingsOf } from '../testing/findings.ts'
import { type Aggregates, aggregate } from './aggregate.ts'

function found(wanted: Aggregates, ...cells: readonly (string | null)[]): readonly string[] {
  return findingsOf(aggregate('a', wanted), { a: cells }).found
}

describe('aggregate', () => {
  it('adds exactly what floating point would not', () => {
    assert.deepEqual(found({ sum: { min: '0.3', max: '0.3' } }, '0.1', '0.2'), [])
    assert.deepEqual(found({ sum: { max: '0.3' } }, '0.1', '0.2000000000000000001'), [
      'The sum of "a" is 0.3000000000000000001, more than 0.3',
    ])
    assert.deepEqual(found({ sum: { min: 9007199254740993n, max: 9007199254740993n } }, '9007199254740992', '1'), [])
  })

  it('measures whole numbers as BigInt does, whatever the batches', () => {
    const cells = fc.array(fc.option(fc.bigInt()), { minLength: 1, maxLength: 40 })
    const property = fc.property(cells, fc.integer({ min: 1, max: 40 }), (values, batchRows) => {
      const numbers = values.filter((value) => value !== null)
      const sum = numbers.reduce((total, value) => total + value, 0n)
      const [least, greatest] = [numbers.reduce(lesser, numbers[0] ?? 0n), numbers.reduce(greater, numbers[0] ?? 0n)]
      const judge = (by: bigint) => {
        const near = (value: bigint) => ({ min: value + by, max: value - by })
        const wanted =
          numbers.length === 0 ? { sum: near(sum) } : { sum: near(sum), min: near(least), max: near(greatest) }
        const rule = aggregate('a', wanted)
        return findingsOf(rule, { a: values.map((value) => (value === null ? null : String(value))) }, batchRows).found
          .length
      }
      assert.deepEqual([judge(0n), judge(-1n), judge(1n)], [0, 0, numbers.length === 0 ? 1 : 3])
    })
    fc.assert(property)
  })

  it('compares a mean without end of digits exactly', () => {
    assert.deepEqual(found({ mean: { min: '0.3333333333333333' } }, '1', '0', '0'), [])
    assert.equal(found({ mean: { min: '0.33333333333333333333334' } }, '1', '0', '0').length, 1)
  })

  it('measures the deviation of the whole population', () => {
    assert.deepEqual(found({ stdev: { min: 2, max: 2 } }, '2', '4', '4', '4', '5', '5', '7', '9'), [])
    assert.deepEqual(found({ stdev: { max: 1 } }, '0', '4'), ['The standard deviation of "a" is 2, more than 1'])
  })

  it('leaves out nulls, and fails what is no number', () => {
    assert.deepEqual(found({ min: { min: 1 }, max: { max: 3 } }, null, '1', '3', null), [])
    assert.deepEqual(found({ min: { min: 1 } }, 'x', '1', 'NaN'), ['2 values of "a" are no numbers'])
    assert.deepEqual(found({ max: { max: 3 }, sum: { min: 0 } }, null), [
      'The greatest value of "a" is asked for, and the column has no number',
    ])
  })

  it('refuses what it cannot measure', () => {
    const refused = (wanted: unknown, message: RegExp) => {
      assert.throws(() => aggregate('a', wanted as never), { code: 'job-invalid', message })
    }
    refused({}, /ask for `min`, `max`, `sum`/)
    refused({ sum: 5 }, /sum must be bounds/)
    refused({ sum: { least: 5 } }, /sum must be bounds/)
    refused({ sum: { min: 'x' } }, /sum must be bounds/)
    refused({ median: { min: 1 } }, /there is no option "median"/)
  })
})

function lesser(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function greater(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}
