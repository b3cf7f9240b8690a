import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Row } from '../../records/rows.ts'
import { findingsOf } from '../testing/findings.ts'
import { completeness } from './completeness.ts'
import { rowCount } from './row-count.ts'

const CELLS = { a: ['x', null, 'y', null, 'z', 'z', 'z', 'z', 'z', 'z'] }

describe('rowCount', () => {
  it('counts rows, or those that it looks at', () => {
    const found = (...parts: Parameters<typeof rowCount>) => findingsOf(rowCount(...parts), CELLS, 3)
    assert.deepEqual(found({ min: 10, max: 10 }), { found: [], evaluated: 10 })
    assert.deepEqual(found({ min: 11 }).found, ['There are 10 rows, and at least 11 are asked for'])
    assert.deepEqual(found({ max: 9 }).found, ['There are 10 rows, and at most 9 are asked for'])
    assert.deepEqual(found({ min: 2, max: 2 }, { where: (row) => (row as Row)['a'] === null }), {
      found: [],
      evaluated: 2,
    })
  })

  it('refuses a range that makes no sense', () => {
    assert.throws(() => rowCount({}), { code: 'job-invalid', message: /give `min`, `max` or both/ })
    assert.throws(() => rowCount({ min: 2, max: 1 }), { code: 'job-invalid', message: /`min` is greater than `max`/ })
    assert.throws(() => rowCount({ min: -1 }), { code: 'job-invalid', message: /min must be a whole number/ })
    assert.throws(() => rowCount({ min: 1 }, { maxFailed: 1 } as never), { code: 'job-invalid' })
  })
})

describe('completeness', () => {
  it('is exact at the limit', () => {
    const found = (percent: number) => findingsOf(completeness('a', percent), CELLS, 4).found
    assert.deepEqual([found(0), found(80)], [[], []])
    assert.deepEqual(found(80.01), ['2 of 10 rows have no "a", and at least 80.01 % must have one'])
    assert.equal(found(100).length, 1)
  })

  it('looks at some rows only, and is content with none', () => {
    const filled = completeness('a', 100, { where: (row) => row['a'] !== null })
    assert.deepEqual(findingsOf(filled, CELLS), { found: [], evaluated: 8 })
    assert.deepEqual(findingsOf(completeness('a', 100), { a: [] }).found, [])
  })

  it('refuses what is no percentage', () => {
    for (const percent of [-1, 101, Number.NaN, '5']) {
      assert.throws(() => completeness('a', percent as number), { code: 'job-invalid', message: /from 0 to 100/ })
    }
  })
})
