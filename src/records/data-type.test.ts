import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type DataType, formatType, parseType } from './data-type.ts'

describe('a type as text', () => {
  it('is read back as itself', () => {
    const kinds = 'boolean int32 int64 float64 date time timestamp timestamptz string uuid binary'.split(' ')
    for (const name of [...kinds, 'decimal(1,0)', 'decimal(18,18)', 'decimal(38,10)']) {
      assert.equal(formatType(parseType(name) as DataType), name)
    }
    assert.deepEqual(parseType('decimal(10, 2)'), { kind: 'decimal', precision: 10, scale: 2 })
  })

  it('is refused when there is no such type', () => {
    for (const name of ['', 'int', 'decimal', 'decimal(0,0)', 'decimal(39,0)', 'decimal(2,3)', 'toString', 'Date']) {
      assert.equal(parseType(name), undefined, name)
    }
  })
})
