import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { RejectTallies } from './reject-tallies.ts'

const record = { ordinal: 6, line: 8, byteOffset: 0, byteLength: 0, raw: Buffer.alloc(0), values: {} }
const failed = (code: string) => ({ code, message: code, transform: true as const })

describe('the tallies of rejected records', () => {
  it('count a record once for each code, and leave out what rules found', () => {
    const tallies = new RejectTallies()
    tallies.count(record, [failed('a'), failed('a'), failed('b'), { code: 'c', message: '' }], 'transform')
    const sample = (code: string) => ({ ordinal: 6, line: 8, code, message: code })
    assert.deepEqual(tallies.list(), [
      { code: 'a', stage: 'transform', rows: 1, samples: [sample('a')] },
      { code: 'b', stage: 'transform', rows: 1, samples: [sample('b')] },
    ])
  })

  it('do not grow with the codes', () => {
    const tallies = new RejectTallies()
    for (let code = 0; code < 1000; code++) tallies.count(record, [failed(`code-${code}`)], 'transform')
    const list = tallies.list()
    assert.equal(list.length, 51)
    assert.deepEqual([list.at(-1)?.code, list.at(-1)?.rows, list.at(-1)?.samples.length], ['…', 950, 20])
  })
})
