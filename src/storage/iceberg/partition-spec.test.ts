import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { IcebergSchema } from './iceberg-schema.ts'
import { partitionPath } from './partition-path.ts'
import { bindSpec, decodeTuple, encodeTuple, newPartitionSpec, partitionOf } from './partition-spec.ts'
import type { SingleValue } from './single-value.ts'

const types = ['timestamp', 'long', 'string', 'decimal(9, 2)', 'date', 'double', 'uuid', 'boolean', 'binary']
const names = ['ts', 'id', 'region', 'price', 'born', 'rate', 'key', 'ok', 'raw']
const schema: IcebergSchema = {
  type: 'struct',
  'schema-id': 0,
  fields: names.map((name, index) => ({ id: index + 1, name, required: false, type: types[index] as string })),
}

describe('partition specs', () => {
  it('are what a job writes, with the names that Iceberg gives', () => {
    assert.deepEqual(
      newPartitionSpec(['day(ts)', 'bucket(16, id)', 'region', 'truncate(4,region)', 'years(born)'], schema),
      {
        'spec-id': 0,
        fields: [
          { 'field-id': 1000, 'source-id': 1, name: 'ts_day', transform: 'day' },
          { 'field-id': 1001, 'source-id': 2, name: 'id_bucket', transform: 'bucket[16]' },
          { 'field-id': 1002, 'source-id': 3, name: 'region', transform: 'identity' },
          { 'field-id': 1003, 'source-id': 3, name: 'region_trunc', transform: 'truncate[4]' },
          { 'field-id': 1004, 'source-id': 5, name: 'born_year', transform: 'year' },
        ],
      },
    )
  })

  it('that make no sense are refused, with the reason', () => {
    const wrong: Readonly<Record<string, RegExp>> = {
      'day(nothing)': /there is no column "nothing"; the columns are/,
      'hour(born)': /born is date/,
      'bucket(4, rate)': /rate is double/,
      'bucket(0, id)': /write a column/,
      'bucket(id)': /write a column/,
      'zorder(id)': /write a column/,
      '': /write a column/,
    }
    for (const [text, message] of Object.entries(wrong)) {
      assert.throws(() => newPartitionSpec([text], schema), { code: 'job-invalid', message })
    }
    assert.throws(() => newPartitionSpec(['region', 'region'], schema), { message: /twice/ })
  })

  it('name a folder for people, in which no value makes another folder', () => {
    const fields = bindSpec(
      newPartitionSpec(['day(ts)', 'hour(ts)', 'month(ts)', 'year(born)', 'bucket(16, id)', 'region', 'price'], schema),
      [schema],
    )
    const path = (ts: bigint, born: number, region: string | null) =>
      partitionPath(
        fields,
        partitionOf(fields, (id) => [ts, 34n, region, 1420n, born][id - 1] ?? null),
      )
    const ts = BigInt(Date.parse('2017-11-16T22:31:08Z')) * 1000n
    assert.equal(
      path(ts, 0, 'a/b=c'),
      'ts_day=2017-11-16/ts_hour=2017-11-16-22/ts_month=2017-11/born_year=1970/id_bucket=3/region=a%2Fb%3Dc/price=14.20',
    )
    assert.equal(
      path(-1n, -1, null),
      'ts_day=1969-12-31/ts_hour=1969-12-31-23/ts_month=1969-12/born_year=1969/id_bucket=3/region=null/price=14.20',
    )
    assert.match(path(0n, 0, '..'), /region=%2E\.\/price/)
  })

  it('give tuples that are plain JSON and lose nothing', () => {
    const fields = bindSpec(newPartitionSpec(names, schema), [schema])
    const values = fc.tuple(
      fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
      fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
      fc.option(fc.string({ unit: 'binary' })),
      fc.bigInt({ min: -999_999_999n, max: 999_999_999n }),
      fc.integer(),
      fc.double(),
      fc.constant('f79c3e09677c4bbda4793f349cb785e7'),
      fc.constantFrom(0, 1),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    )
    fc.assert(
      fc.property(values, (row) => {
        const tuple = partitionOf(fields, (id) => row[id - 1] as SingleValue | null)
        const json = JSON.parse(JSON.stringify(encodeTuple(fields, tuple)))
        assert.deepEqual(decodeTuple(fields, json), row)
      }),
    )
  })
})
