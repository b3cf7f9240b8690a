import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { failing, verdictsOf } from '../testing/verdicts.ts'
import { acceptedValues } from './accepted-values.ts'
import { notAcceptedValues } from './not-accepted-values.ts'

describe('acceptedValues', () => {
  it('takes the values for what they are, not for a pattern', () => {
    const odd = ['a.b', 'a|b', '(a', '[a]', 'a\\', '$', '^', 'a/b', 'a-b', 'a\nb', '{2}', 'a*']
    assert.deepEqual(failing(acceptedValues('a', odd), ...odd, 'axb', 'a', 'b', ''), ['axb', 'a', 'b'])
  })

  it('compares with numbers and booleans as text', () => {
    assert.deepEqual(failing(acceptedValues('a', [1, 2n, true]), '1', '2', 'true', '01', 'TRUE'), ['01', 'TRUE'])
  })

  it('takes lists that no automaton holds', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `value ${(index * 7919) % 100_003}`)
    assert.deepEqual(failing(acceptedValues('a', many), ...many, 'value x'), ['value x'])
  })

  it('lists a few of the values in its message', () => {
    const message = (values: string[]) => verdictsOf(acceptedValues('a', values), ['?']).errors[0]?.message
    assert.equal(message(['x']), '"a" must be "x".')
    const letters = [...'bcdefghijklm']
    assert.equal(
      message(letters),
      `"a" must be one of ${letters
        .slice(0, 10)
        .map((x) => `"${x}"`)
        .join(', ')} and 2 more.`,
    )
  })

  it('refuses a list without values, and what is no value', () => {
    for (const values of [[], 'abc', [null], [Number.NaN], [{}]]) {
      for (const rule of [acceptedValues, notAcceptedValues]) {
        assert.throws(() => rule('a', values as never), { code: 'job-invalid', message: /must be an array of texts/ })
      }
    }
  })
})

describe('notAcceptedValues', () => {
  it('fails the values alone', () => {
    assert.deepEqual(failing(notAcceptedValues('a', ['n/a', '-', 0]), 'n/a', 'n/a ', '-', '0', '00', 'ä'), [
      'n/a',
      '-',
      '0',
    ])
  })
})
