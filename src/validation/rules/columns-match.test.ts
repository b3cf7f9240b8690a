import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findingsOf } from '../testing/findings.ts'
import { columnsMatch } from './columns-match.ts'

const COLUMNS = { b: ['1', '2'], a: ['3', '4'], c: ['5', '6'] }

describe('columnsMatch', () => {
  it('names what is missing, what is too much, and the order', () => {
    const found = (...parts: Parameters<typeof columnsMatch>) => findingsOf(columnsMatch(...parts), COLUMNS, 1).found
    assert.deepEqual(found(['a', 'b', 'c']), [])
    assert.deepEqual(found(['a', 'd', 'b']), ['There is no column "d"', 'There is a column "c" that is not asked for'])
    assert.deepEqual(found(['a', 'b'], { allowExtra: true }), [])
    assert.deepEqual(found(['b', 'c'], { allowExtra: true, ordered: true }), [])
    assert.deepEqual(found(['a', 'b', 'c'], { ordered: true }), [
      'The columns come in the order "b", "a", "c", not "a", "b", "c"',
    ])
  })

  it('refuses columns that are none', () => {
    for (const columns of [[], ['a', 'a'], 'a', [1]]) {
      assert.throws(() => columnsMatch(columns as never), { code: 'job-invalid', message: /array of column names/ })
    }
  })
})
