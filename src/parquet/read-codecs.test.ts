import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { snappyCompress } from 'hyparquet-writer/src/snappy.js'
import { unpackerOf } from './read-codecs.ts'
import { unpackHadoopLz4, unpackLz4 } from './read-lz4.ts'
import { unpackSnappy } from './read-snappy.ts'

const [SNAPPY, LZ4] = [1, 5]
/** Much of it is there twice. */
const content = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(...[1, 8, 70, 3000].map((n) => new Uint8Array(n).fill(n))),
    ),
    {
      maxLength: 20,
    },
  )
  .map((parts) => Buffer.concat(parts))

describe('codecs of Parquet', () => {
  it('unpack Snappy', () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const packed = snappyCompress(bytes)
        assert.deepEqual(Buffer.from(unpackerOf(SNAPPY)?.(packed, bytes.length) as Uint8Array), bytes)
      }),
    )
  })

  it('unpack LZ4, plain and in the frames of Hadoop', () => {
    // "abcabcabcabc" and five literals, as the format's description has it.
    const block = Buffer.from([0x35, ...Buffer.from('abc'), 3, 0, 0x50, ...Buffer.from('vwxyz')])
    const text = `${'abc'.repeat(4)}vwxyz`
    const output = Buffer.alloc(text.length)
    unpackLz4(block, output)
    assert.equal(output.toString(), text)
    const head = Buffer.alloc(8)
    head.writeUInt32BE(text.length, 0)
    head.writeUInt32BE(block.length, 4)
    const frames = Buffer.concat([head, block, head, block])
    assert.equal(Buffer.from(unpackerOf(LZ4)?.(frames, text.length * 2) as Uint8Array).toString(), text + text)
    // Without frames, as some writers left them out.
    assert.equal(Buffer.from(unpackerOf(LZ4)?.(block, text.length) as Uint8Array).toString(), text)
  })

  it('end on whatever they get', () => {
    const some = fc.uint8Array({ maxLength: 300 })
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 2000 }), (bytes, length) => {
        for (const unpack of [unpackSnappy, unpackLz4, unpackHadoopLz4]) {
          try {
            unpack(bytes, new Uint8Array(length))
          } catch (error) {
            assert.ok(error instanceof RangeError)
          }
        }
      }),
      { numRuns: 2000 },
    )
  })
})
