import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { bytes, clipped, count, counted, duration, inOneLine, visible } from './format.ts'
import { fitted, width } from './table.ts'

describe('formats for people', () => {
  it('groups digits and minds the plural', () => {
    assert.deepEqual([count(0), count(999), count(1234567.4)], ['0', '999', '1,234,567'])
    assert.deepEqual([counted(1, 'row'), counted(2000, 'row')], ['1 row', '2,000 rows'])
  })

  it('rounds bytes and durations', () => {
    assert.deepEqual([bytes(0), bytes(999), bytes(1000), bytes(105_000_000)], ['0 B', '999 B', '1.00 kB', '105 MB'])
    assert.deepEqual([duration(12), duration(59_940), duration(61_000)], ['0.01 s', '59.9 s', '1:01 min'])
  })

  it('lets no control character through', () => {
    assert.equal(visible('a\u001b[2J\n\u202eb\t\u0000'), 'a\\u{1b}[2J\\n\\u{202e}b\\t\\u{0}')
    assert.equal(inOneLine(' two\n  lines\u0007 '), 'two lines\\u{7}')
  })

  it('cuts by the columns of a terminal', () => {
    assert.deepEqual([width('abc'), width('日本'), width('e\u0301'), width('👍')], [3, 4, 1, 2])
    assert.deepEqual([fitted('日本語', 5), clipped('abcdef', 4)], ['日本…', 'abc…'])
  })
})
