import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { murmur3 } from './murmur3.ts'
import type { SingleValue } from './single-value.ts'
import {
  applyTransform,
  formatTransform,
  hashOf,
  leastTruncated,
  parseTransform,
  resultType,
  type Transform,
} from './transform.ts'

const DAY = 86_400_000_000n
const micros = (text: string) => BigInt(Date.parse(`${text}Z`)) * 1000n
const days = (text: string) => Number(micros(text) / DAY)

describe('transforms of partitions', () => {
  it('hash as the specification says, in appendix B', () => {
    const examples: readonly (readonly [string, SingleValue, number])[] = [
      ['int', 34, 2017239379],
      ['long', 34n, 2017239379],
      ['decimal(9, 2)', 1420n, -500754589],
      ['date', days('2017-11-16T00:00'), -653330422],
      ['time', 81_068_000_000n, -662762989],
      ['timestamp', micros('2017-11-16T22:31:08'), -2047944441],
      ['timestamp', micros('2017-11-16T22:31:08') + 1n, -1207196810],
      ['timestamptz', micros('2017-11-16T22:31:08'), -2047944441],
      ['string', 'iceberg', 1210000089],
      ['string', Buffer.from('iceberg'), 1210000089],
      ['uuid', 'f79c3e09677c4bbda4793f349cb785e7', 1488055340],
      ['fixed[4]', Uint8Array.of(0, 1, 2, 3), -188683207],
      ['binary', Uint8Array.of(0, 1, 2, 3), -188683207],
    ]
    for (const [type, value, hash] of examples) assert.equal(hashOf(type, value), hash, type)
  })

  it('hash bytes of every length as MurmurHash3 does', () => {
    const known: Readonly<Record<string, number>> = {
      '': 0,
      a: 1009084850,
      aa: 923832745,
      aaa: -1261412425,
      aaaa: 2129582471,
      abcde: -392455434,
      'The quick brown fox jumps over the lazy dog': 776992547,
    }
    for (const [text, hash] of Object.entries(known)) assert.equal(murmur3(Buffer.from(text)), hash, text)
  })

  it('put an int, and the long it may become, into one bucket', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 1000 }), (value, width) => {
        const bucket = applyTransform({ kind: 'bucket', width }, 'int', value) as number
        assert.ok(bucket >= 0 && bucket < width)
        assert.equal(applyTransform({ kind: 'bucket', width }, 'long', BigInt(value)), bucket)
      }),
    )
  })

  it('truncate towards the smaller number, and by characters', () => {
    const truncate = (width: number, type: string, value: SingleValue) =>
      applyTransform({ kind: 'truncate', width }, type, value)
    assert.deepEqual(
      [1, -1].map((value) => truncate(10, 'int', value)),
      [0, -10],
    )
    assert.deepEqual(
      [1n, -1n].map((value) => truncate(10, 'long', value)),
      [0n, -10n],
    )
    assert.equal(truncate(50, 'decimal(9, 2)', 1065n), 1050n)
    // Java wraps around, and the result must be of the type.
    assert.equal(truncate(10, 'int', -(2 ** 31)), 2_147_483_646)
    assert.equal(truncate(10, 'long', -(2n ** 63n)), 9_223_372_036_854_775_806n)
    assert.equal(truncate(3, 'string', 'iceberg'), 'ice')
    assert.equal(truncate(2, 'string', '😀😀😀'), '😀😀')
    assert.deepEqual(truncate(2, 'binary', Uint8Array.of(1, 2, 3)), Uint8Array.of(1, 2))
  })

  it('know below which decimal there is no partition', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 3000 }),
        fc.nat(),
        (digits, width, seed) => {
          const most = 10n ** BigInt(digits) - 1n
          const value = (BigInt(seed) % (2n * most + 1n)) - most
          const [transform, type] = [{ kind: 'truncate', width }, `decimal(${digits}, 0)`] as const
          const truncated = applyTransform(transform, type, value) as bigint
          const least = leastTruncated(transform, type)
          assert.equal(truncated < -most, least !== undefined && value < least, `${type} ${width} ${value}`)
          assert.ok(truncated <= most)
        },
      ),
    )
    assert.equal(leastTruncated({ kind: 'truncate', width: 10 }, 'int'), undefined)
    assert.equal(leastTruncated({ kind: 'bucket', width: 10 }, 'decimal(2, 0)'), undefined)
  })

  it('count years, months, days and hours from 1970, downwards before it', () => {
    const at = micros('2017-12-01T10:30')
    const before = micros('1969-12-31T23:59:59')
    const all = (value: bigint) =>
      (['year', 'month', 'day', 'hour'] as const).map((kind) => applyTransform({ kind }, 'timestamp', value))
    assert.deepEqual(all(at), [47, 575, 17501, 420034])
    assert.deepEqual(all(before), [-1, -1, -1, -1])
    assert.equal(applyTransform({ kind: 'month' }, 'date', days('2017-12-01T00:00')), 575)
  })

  it('know which types they take', () => {
    assert.equal(resultType({ kind: 'bucket', width: 4 }, 'double'), undefined)
    assert.equal(resultType({ kind: 'hour' }, 'date'), undefined)
    assert.equal(resultType({ kind: 'day' }, 'timestamptz'), 'date')
    assert.equal(resultType({ kind: 'truncate', width: 4 }, 'decimal(9, 2)'), 'decimal(9, 2)')
  })

  it('are read as they are written', () => {
    const all: Transform[] = [
      { kind: 'identity' },
      { kind: 'hour' },
      { kind: 'void' },
      { kind: 'bucket', width: 16 },
      { kind: 'truncate', width: 4 },
    ]
    for (const transform of all) assert.deepEqual(parseTransform(formatTransform(transform)), transform)
    assert.equal(parseTransform('zorder'), undefined)
  })
})
