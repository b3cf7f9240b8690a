import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatLossless, parseLossless } from './lossless-json.ts'

const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })

describe('lossless JSON', () => {
  it('keeps every 64-bit integer, wherever it stands', () => {
    fc.assert(
      fc.property(int64, int64, (id, other) => {
        const text = `{"snapshot-id":${id},"snapshots":[{"other":[${other}]}]}`
        const parsed = parseLossless(text) as { 'snapshot-id': unknown; snapshots: [{ other: [unknown] }] }
        assert.equal(parsed['snapshot-id'], id)
        assert.equal(BigInt(parsed.snapshots[0].other[0] as number), other)
        assert.equal(formatLossless(parsed), text)
      }),
    )
  })

  it('gives an id as a bigint even where a number would do', () => {
    assert.deepEqual(parseLossless('{"snapshot-id":1,"schema-id":1,"current-snapshot-id":-1}'), {
      'snapshot-id': 1n,
      'schema-id': 1,
      'current-snapshot-id': -1n,
    })
  })

  it('reads and writes anything else as JSON does', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        assert.equal(JSON.stringify(JSON.parse(formatLossless(parseLossless(text)))), text)
      }),
    )
  })
})
