import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatType } from '../records/data-type.ts'
import { valueType } from '../records/types/types.ts'
import { type Form, formOf } from './read-form.ts'
import type { Struct } from './read-struct.ts'
import { fixedValues, type Values } from './read-values.ts'

/** Numbers of parquet.thrift. */
const [INT32, INT64, INT96, BYTE_ARRAY, FIXED] = [1, 2, 3, 6, 7]
const NANOS = { field_3: {} }

function form(element: Struct): Form {
  const found = formOf({ field_4: Buffer.from('x'), ...element })
  assert.ok(typeof found !== 'string', String(found))
  return found
}

/** What becomes of the values: texts, or what is wrong with them. */
function converted({ convert, type }: Form, values: Values): readonly string[] {
  const { bytes, count, bad } = convert(values)
  const { read, text, bytes: width } = valueType(type)
  return Array.from({ length: count }, (_, index) => {
    const problem = bad?.get(index)
    return problem === undefined ? text(read(Buffer.from(bytes), index * width)) : `${problem.value} ${problem.message}`
  })
}

function int64s(...values: bigint[]): Values {
  return fixedValues(new Uint8Array(BigInt64Array.from(values).buffer), 8)
}

function texts(...values: (readonly number[])[]): Values {
  const bytes = Uint8Array.from(values.flat())
  const ends = Uint32Array.from(values.map((_, at) => values.slice(0, at + 1).flat().length))
  return {
    kind: 'bytes',
    bytes,
    starts: ends.map((end, at) => end - (values[at]?.length ?? 0)),
    ends,
    count: values.length,
  }
}

describe('the forms of values', () => {
  it('turn nanoseconds into microseconds, or say that they are finer', () => {
    const nanos = form({ field_1: INT64, field_10: { field_8: { field_1: true, field_2: NANOS } } })
    assert.equal(formatType(nanos.type), 'timestamptz')
    assert.deepEqual(converted(nanos, int64s(1_000n, -1_000n, 1n)), [
      '1970-01-01T00:00:00.000001Z',
      '1969-12-31T23:59:59.999999Z',
      '1 ns is finer than a microsecond',
    ])
    const time = form({ field_1: INT64, field_10: { field_7: { field_1: true, field_2: NANOS } } })
    assert.deepEqual(converted(time, int64s(86_399_999_999_000n, 86_400_000_000_000n)), [
      '23:59:59.999999',
      '86400000000 µs is no time of a day',
    ])
  })

  it('turn INT96 into a timestamp', () => {
    const bytes = Buffer.alloc(24)
    bytes.writeBigInt64LE(3_600_000_001_000n, 0)
    bytes.writeInt32LE(2_440_589, 8)
    bytes.writeBigInt64LE(5n, 12)
    bytes.writeInt32LE(2_440_588, 20)
    const found = form({ field_1: INT96 })
    assert.equal(formatType(found.type), 'timestamp')
    assert.deepEqual(converted(found, fixedValues(Uint8Array.from(bytes), 12)), [
      '1970-01-02T01:00:00.000001',
      '5 ns is finer than a microsecond',
    ])
  })

  it('refuse days and times that no calendar of ours has', () => {
    const micros = form({ field_1: INT64, field_6: 10 })
    assert.equal(formatType(micros.type), 'timestamptz')
    const [last, first] = [253_402_300_799_999_999n, -62_135_596_800_000_000n]
    assert.deepEqual(converted(micros, int64s(last, last + 1n, first, first - 1n, 2n ** 63n - 1n)), [
      '9999-12-31T23:59:59.999999Z',
      '253402300800000000 µs since 1970 is not in the years 0001 to 9999',
      '0001-01-01T00:00:00Z',
      '-62135596800000001 µs since 1970 is not in the years 0001 to 9999',
      '9223372036854775807 µs since 1970 is not in the years 0001 to 9999',
    ])
    const days = fixedValues(new Uint8Array(Int32Array.of(0, 2_147_483_647).buffer), 4)
    assert.deepEqual(converted(form({ field_1: INT32, field_6: 6 }), days), [
      '1970-01-01',
      '2147483647 days since 1970 is not in the years 0001 to 9999',
    ])
  })

  it('read decimals of any length', () => {
    const decimal = (precision: number, more: Struct) => form({ field_6: 5, field_7: 2, field_8: precision, ...more })
    const any = decimal(38, { field_1: BYTE_ARRAY })
    const long = new Array(17).fill(0xff)
    assert.deepEqual(converted(any, texts([], [0x80], [0x7f, 0xff], [...long, 0x80], [1, ...new Array(16).fill(0)])), [
      '0.00',
      '-1.28',
      '327.67',
      '-1.28',
      '0x0100000000000000000000000000000000 has more digits than its type',
    ])
    const short = decimal(4, { field_1: FIXED, field_2: 2 })
    assert.equal(formatType(short.type), 'decimal(4,2)')
    assert.deepEqual(converted(short, fixedValues(Uint8Array.of(0xff, 0xff, 0x27, 0x0f), 2)), ['-0.01', '99.99'])
  })

  it('list text that is no UTF-8, also when its neighbours make it look so', () => {
    const { convert } = form({ field_1: BYTE_ARRAY, field_6: 0 })
    assert.equal(convert(texts([0xc3, 0xa4], [], [0x61])).bad, undefined)
    const { bad } = convert(texts([0x61], [0xc3], [0xa4], [0x62]))
    assert.deepEqual([...(bad?.keys() ?? [])], [1, 2])
  })

  it('say what cannot be read', () => {
    const cases: readonly (readonly [Struct, string])[] = [
      [{ field_1: FIXED, field_2: 12, field_6: 21 }, 'of the type interval on FIXED_LEN_BYTE_ARRAY'],
      [{ field_1: FIXED, field_2: 2, field_10: { field_15: {} } }, 'of the type float16 on FIXED_LEN_BYTE_ARRAY'],
      [{ field_1: BYTE_ARRAY, field_10: { field_17: {} } }, 'of the type geometry on BYTE_ARRAY'],
      [{ field_1: 9 }, 'of an unknown type'],
      [
        { field_1: FIXED, field_2: 30, field_6: 5, field_7: 2, field_8: 60 },
        'decimal(60,2), and decimals have at most 38 digits here',
      ],
    ]
    for (const [element, why] of cases) assert.equal(formOf(element), why)
  })
})
