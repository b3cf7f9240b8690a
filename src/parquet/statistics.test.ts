import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import type { Cell } from '../records/column.ts'
import { decodeFooter, encodeFooter, footerLength } from './footer.ts'
import { Duck } from './testing/readers.ts'
import { type TestColumn, writeTable } from './testing/write-table.ts'

const duck = new Duck()
after(() => duck[Symbol.dispose]())

async function boundsOf(column: Omit<TestColumn, 'name'>) {
  const { footer } = await writeTable([{ name: 'c', ...column }])
  return footer.rowGroups[0]!.columns[0]!.statistics
}

function doubles(bounds: { readonly min: Uint8Array; readonly max: Uint8Array } | undefined) {
  return [bounds!.min, bounds!.max].map((bytes) => Buffer.from(bytes).readDoubleLE())
}

describe('the statistics of a column chunk', () => {
  it('leave NaN out and count it, and widen zeros to both signs', async () => {
    const some = await boundsOf({ type: 'float64', cells: [Number.NaN, 2, -1, null, Number.NaN] })
    assert.deepEqual([some.nans, some.nulls, doubles(some.bounds)], [2, 1, [-1, 2]])
    for (const zero of [0, -0]) {
      const zeros = await boundsOf({ type: 'float64', cells: [zero, zero] })
      assert.deepEqual(doubles(zeros.bounds), [-0, 0])
    }
    // In a dictionary there is one of each.
    const many = Array.from({ length: 300 }, (_, row) => [Number.NaN, 1, 2][row % 3] as number)
    const repeated = await boundsOf({ type: 'float64', cells: many })
    assert.deepEqual([repeated.nans, doubles(repeated.bounds)], [100, [1, 2]])
    const strange = await boundsOf({ type: 'float64', cells: [Number.NaN, null] })
    assert.deepEqual([strange.nans, strange.bounds], [1, undefined])
  })

  it('have no bounds when all values are null', async () => {
    for (const type of ['string', 'int64', 'boolean', 'uuid', 'decimal(38,2)'] as const) {
      assert.deepEqual(await boundsOf({ type, cells: [null, null] }), { nulls: 2, nans: undefined, bounds: undefined })
    }
  })

  it('cut long text between code points, and say so', async () => {
    const { bounds } = await boundsOf({ type: 'string', cells: [`${'a'.repeat(15)}éé`, `${'z'.repeat(15)}éé`] })
    assert.equal(Buffer.from(bounds!.min).toString(), 'a'.repeat(15))
    assert.equal(Buffer.from(bounds!.max).toString(), `${'z'.repeat(14)}{`)
    assert.deepEqual([bounds!.minIsExact, bounds!.maxIsExact], [false, false])
  })

  it('order decimals by their sign and UUIDs by their bytes', async () => {
    const decimals = await boundsOf({ type: 'decimal(38,0)', cells: ['-5', '7', '-1000000000000000000000'] })
    const signed = (bytes: Uint8Array) => BigInt.asIntN(128, BigInt(`0x${Buffer.from(bytes).toString('hex')}`))
    assert.deepEqual([signed(decimals.bounds!.min), signed(decimals.bounds!.max)], [-1000000000000000000000n, 7n])
    const ids = ['781d4fae-7dec-11d0-a765-00a0c91e6bf6', '00000000-0000-0000-8000-000000000001']
    const uuids = await boundsOf({ type: 'uuid', cells: ids })
    assert.match(Buffer.from(uuids.bounds!.max).toString('hex'), /^781d/)
    // Iceberg in Java would take the first one for the least.
    for (const other of ['f81d4fae-7dec-11d0-a765-00a0c91e6bf6', '781d4fae-7dec-11d0-2765-00a0c91e6bf6']) {
      assert.equal((await boundsOf({ type: 'uuid', cells: [other, ids[1] as string] })).bounds, undefined)
    }
  })

  it('let DuckDB find every value that is there, in row groups of two rows', async () => {
    const text = fc.oneof(
      fc.constantFrom('😀', '�x', '', 'a', '\u{10ffff}'.repeat(6), 'x'.repeat(17), 'x'.repeat(40)),
      fc.string({ unit: 'binary', maxLength: 24 }).map((value) => value.replaceAll('\0', '').toWellFormed()),
    )
    const number = fc.oneof(fc.double({ noNaN: true }), fc.constantFrom(0, -0, Number.POSITIVE_INFINITY))
    const long = fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)
    const rows = fc.array(fc.tuple(text, number, long), { minLength: 1, maxLength: 12 })
    await fc.assert(
      fc.asyncProperty(rows, async (rows) => {
        const cells = (index: 0 | 1 | 2): readonly Cell[] => rows.map((row) => row[index])
        const columns: TestColumn[] = [
          { name: 's', type: 'string', cells: cells(0) },
          { name: 'd', type: 'float64', cells: cells(1) },
          { name: 'l', type: 'int64', cells: cells(2) },
        ]
        const { bytes } = await writeTable(columns, { rowGroupRows: 2, batchRows: 5 })
        const [s, d, l] = rows[0]!
        const found = await duck.query(
          bytes,
          `select (select count(*) from FILE where s = '${s.replaceAll("'", "''")}'),
                  (select count(*) from FILE where d = '${d}'::double), (select count(*) from FILE where l = ${l})`,
        )
        const count = (index: 0 | 1 | 2) => BigInt(rows.filter((row) => row[index] === rows[0]![index]).length)
        assert.deepEqual(found[0], [count(0), count(1), count(2)])
      }),
      { numRuns: 200 },
    )
  })

  it('let DuckDB skip row groups', async () => {
    const cells = Array.from({ length: 100_000 }, (_, row) => BigInt(row))
    const { bytes } = await writeTable([{ name: 'l', type: 'int64', cells }], { rowGroupRows: 1000 })
    const found = await duck.query(
      bytes,
      `select count(*) from parquet_metadata(FILE) where 77777 between stats_min_value::bigint and stats_max_value::bigint`,
    )
    assert.deepEqual(found, [[1n]])
    assert.deepEqual(await duck.query(bytes, 'select l from FILE where l = 77777'), [[77_777n]])
  })
})

describe('a footer', () => {
  it('says the same when it was read and written again', async () => {
    const columns: TestColumn[] = [
      { name: 'a', type: 'string', cells: ['x', null, 'x'], fieldId: 7 },
      { name: 'b', type: 'float64', cells: [1, 2, Number.NaN], required: true, fieldId: 3 },
      { name: 'c', type: 'decimal(30,4)', cells: ['1.5', '2', null] },
    ]
    const { bytes } = await writeTable(columns, { rowGroupRows: 2, metadata: { 'a key': 'a value' } })
    const footer = bytes.subarray(bytes.length - footerLength(bytes.subarray(-8))!)
    assert.deepEqual(encodeFooter(decodeFooter(footer)), Buffer.from(footer))
    assert.deepEqual(decodeFooter(footer).metadata, { 'a key': 'a value' })
    const schema = await duck.query(
      bytes,
      `select name, type, repetition_type, field_id, logical_type from parquet_schema(FILE) where type is not null`,
    )
    assert.deepEqual(schema, [
      ['a', 'BYTE_ARRAY', 'OPTIONAL', 7n, 'StringType()'],
      ['b', 'DOUBLE', 'REQUIRED', 3n, null],
      ['c', 'FIXED_LEN_BYTE_ARRAY', 'OPTIONAL', null, 'DecimalType(scale=4, precision=30)'],
    ])
  })

  it('keep no more alive than themselves, for as long as the file is written', async () => {
    const columns: Omit<TestColumn, 'name'>[] = [
      { type: 'string', cells: ['a', 'a text that is cut because it is long'] },
      { type: 'int64', cells: [1n, 2n] },
    ]
    for (const column of columns) {
      const { bounds } = await boundsOf(column)
      for (const bytes of [bounds!.min, bounds!.max]) assert.equal(bytes.buffer.byteLength, bytes.length)
    }
  })
})
