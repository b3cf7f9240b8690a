import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeadLetter } from '../../validation/dead-letter.ts'
import { markCells } from './mark-cells.ts'

const CSV = { type: 'csv', delimiter: ',', quote: '"', escape: '"', columns: ['id', 'name', 'mail'] }

describe('the marks below a record', () => {
  const marked = (raw: string, columns: readonly string[], format: object = {}) =>
    markCells({ raw, format: { ...CSV, ...format }, errors: columns.map((column) => ({ column })) } as never)

  it('stand below the cells that are faulty', () => {
    assert.deepEqual(marked('1,Ann,nonsense', ['mail']), ['1,Ann,nonsense', '      ^^^^^^^^'])
    assert.deepEqual(marked('1,Ann,x', ['id', 'mail']), ['1,Ann,x', '^     ^'])
    assert.deepEqual(marked('1,,x', ['name']), ['1,,x', '  ^'])
  })

  it('count columns of the terminal, and what is escaped', () => {
    assert.deepEqual(marked('漢,字,x', ['mail']), ['漢,字,x', '      ^'])
    assert.deepEqual(marked('1,"a\n,""b""",x', ['mail']), ['1,"a\\n,""b""",x', '              ^'])
    assert.deepEqual(marked('1;a\\;b;x', ['mail'], { delimiter: ';', quote: null }), ['1;a\\;b;x', '     ^'])
  })

  it('are left out where nobody knows where the cell stands', () => {
    assert.deepEqual(marked('1,Ann,x', ['made']), ['1,Ann,x'])
    assert.deepEqual(marked('{"a":1}', ['a'], { type: 'json', columns: ['a'] }), ['{"a":1}'])
    assert.deepEqual(marked('1,"unclosed', ['mail']), ['1,"unclosed'])
    const binary = { raw_base64: Buffer.of(0x31, 0xff).toString('base64'), format: CSV, errors: [] }
    assert.deepEqual(markCells(binary as unknown as DeadLetter), ['1\ufffd'])
  })
})
