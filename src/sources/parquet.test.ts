import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { z } from 'zod'
import type { RunContext } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import { duck } from '../parquet/testing/duck.ts'
import { folder } from '../parquet/testing/files.ts'
import { BatchPool } from '../records/batch-pool.ts'
import type { DeadLetter } from '../validation/dead-letter.ts'
import { readParquet } from './parquet.ts'
import { ParquetBatches } from './parquet-batches.ts'
import { openParquet } from './parquet-input.ts'
import type { Split } from './source.ts'
import { loadToCsv } from './testing/parquet-to-csv.ts'

const dir = folder()

async function write(name: string, query: string, options = 'row_group_size 2048'): Promise<string> {
  const path = `${dir}/${name}`
  await duck(`copy (${query}) to '${path}' (format parquet, ${options})`)
  return path
}

function directory(name: string): string {
  mkdirSync(`${dir}/${name}`)
  return `${dir}/${name}/`
}

async function refused(extract: ReturnType<typeof readParquet>): Promise<SluiceError> {
  const { output, error } = await loadToCsv({ extract })
  assert.equal(output, undefined)
  assert.ok(error !== undefined)
  return error
}

const ROWS = "select i as id, 'name ' || i as name, i * 0.5 as half from range(5000) r(i)"

describe('readParquet', () => {
  it('loads every row of every row group, in order', async () => {
    const path = await write('rows.parquet', ROWS)
    const { output, error, events } = await loadToCsv({ extract: readParquet(path) })
    assert.equal(error, undefined)
    const rows = Array.from({ length: 5000 }, (_, id) => `${id},name ${id},${(id / 2).toFixed(1)}\n`)
    assert.equal(output, `id,name,half\n${rows.join('')}`)
    const read = events.filter((event) => event.type === 'BatchRead')
    const { size } = statSync(path)
    assert.equal(
      read.reduce((sum, { rows: count }) => sum + count, 0),
      5000,
    )
    assert.equal(
      read.reduce((sum, { bytes }) => sum + bytes, 0),
      size,
    )
  })

  it('reads only the columns that are named, in their order', async () => {
    const path = await write('columns.parquet', 'select 1 as a, [1, 2] as list, {x: 1} as struct, 3 as c')
    const { output } = await loadToCsv({ extract: readParquet(path, { columns: ['c', 'a'] }) })
    assert.equal(output, 'c,a\n3,1\n')
    const error = await refused(readParquet(path))
    assert.equal(error.code, 'source-failed')
    assert.match(error.message, /column "list" is a list, which cannot be read\. Select others with `columns`: a, c\.$/)
    const other = await refused(readParquet(path, { columns: ['a', 'b'] }))
    assert.equal(other.code, 'missing-label')
    assert.match(other.message, /columns\.parquet: there is no column "b"\. The columns are "a", "list", "struct", "c"/)
  })

  it('keeps every value as it is', async () => {
    const query = `select 9223372036854775807::bigint as i64, -99999999999999999999999999999.000000001::decimal(38, 9) as d,
      timestamp '2024-02-29 12:00:00.000001' as ts, timestamptz '2024-02-29 12:00:00.000001Z' as tz, date '0001-01-01' as day,
      time '23:59:59.999999' as t, true as b, 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6'::uuid as u, '\\xFF'::blob as bytes`
    const { output } = await loadToCsv({ extract: readParquet(await write('exact.parquet', query)) })
    const times = '2024-02-29T12:00:00.000001,2024-02-29T12:00:00.000001Z,0001-01-01,23:59:59.999999'
    const line = `9223372036854775807,-99999999999999999999999999999.000000001,${times},true,f81d4fae-7dec-11d0-a765-00a0c91e6bf6,/w==`
    assert.equal(output, `i64,d,ts,tz,day,t,b,u,bytes\n${line}\n`)
  })

  it('rejects a row whose value its type cannot hold', async () => {
    const query = `select i as id, timestamp_ns '2024-01-01 00:00:00.000000001' as at from range(2) r(i) union all
      select 2, timestamp_ns '2024-01-01 00:00:00.000001'`
    const path = await write('nanos.parquet', query)
    const { output, letters } = await loadToCsv({ extract: readParquet(path), onInvalid: 'quarantine' })
    assert.equal(output, 'id,at\n2,2024-01-01T00:00:00.000001\n')
    const [letter] = letters as [DeadLetter]
    assert.equal(letters.length, 2)
    assert.deepEqual(letter.errors, [
      {
        code: 'type-error',
        rule: 'parquet',
        column: 'at',
        value: '1704067200000000001 ns',
        message: '"at": the value is finer than a microsecond.',
      },
    ])
    assert.equal(letter.raw, '{"id":"0","at":"1704067200000000001 ns"}')
  })

  it('gives dead letters the row as JSON, exactly', async () => {
    const query = `select i::int as id, i::bigint + 9223372036854775000 as big, i / 4 as f, i % 2 = 0 as even,
      case when i = 1 then null else 'x"' || i end as name, 'nan'::double as nan from range(3) r(i)`
    const path = await write('letters.parquet', query)
    const { letters, output } = await loadToCsv({
      extract: readParquet(path),
      transform: (rows) => rows.withColumn('name', (name) => name),
      validate: { requiredColumns: ['name'] },
      onInvalid: 'quarantine',
    })
    assert.equal(output?.split('\n').length, 4)
    const [{ raw = '', ...letter }] = letters as [DeadLetter]
    assert.equal(raw, '{"id":1,"big":"9223372036854775001","f":0.25,"even":false,"name":null,"nan":"NaN"}')
    const values = { id: '1', big: '9223372036854775001', f: '0.25', even: 'false', name: null, nan: 'NaN' }
    assert.deepEqual(letter.values, values)
    assert.deepEqual([letter.row, letter.line, letter.byte_offset, letter.byte_length], [2, 2, 4, raw.length])
    assert.equal(letter.format['type'], 'parquet')
  })

  it('reads late rejects again', async () => {
    const query = "select case when i % 1000 = 999 then i - 500 else i end as id, 'v' || i as v from range(20000) r(i)"
    const path = await write('late.parquet', query, 'row_group_size 6000')
    const { letters } = await loadToCsv({
      extract: readParquet(path),
      validate: { uniqueColumns: ['id'] },
      onInvalid: 'quarantine',
    })
    const rows = Array.from({ length: 20 }, (_, at) => at * 1000 + 1000)
    assert.deepEqual(
      letters.map(({ row }) => row),
      rows,
    )
    const raws = rows.map((row) => `{"id":"${row - 501}","v":"v${row - 1}"}`)
    assert.deepEqual(
      letters.map(({ raw }) => raw),
      raws,
    )
  })

  it('casts and checks by a schema', async () => {
    const path = await write(
      'schema.parquet',
      "select i as id, 'n' || i as name, i::decimal(9,2) as price from range(4) r(i)",
    )
    const schema = z.object({ id: z.number().max(2), name: z.string(), price: z.string() })
    const { output, letters } = await loadToCsv({ extract: readParquet(path, { schema }), onInvalid: 'quarantine' })
    assert.equal(output, 'id,name,price\n0,n0,0.00\n1,n1,1.00\n2,n2,2.00\n')
    assert.deepEqual(
      letters.map(({ row, errors }) => [row, errors[0]?.code]),
      [[4, 'type-error']],
    )
  })

  it('keeps what a schema takes as it is, down to the microsecond', async () => {
    const query = `select timestamp '2024-01-01 00:00:00.000001' + interval (i) second as at, i::decimal(20, 5) as d, i as n,
      case when i = 1 then null else i end as some from range(3) r(i)`
    const path = await write('kept.parquet', query)
    const schema = z.object({ at: z.date(), d: z.string(), n: z.number(), some: z.bigint() })
    const { output, letters } = await loadToCsv({ extract: readParquet(path, { schema }), onInvalid: 'quarantine' })
    const rows = ['2024-01-01T00:00:00.000001,0.00000,0,0', '2024-01-01T00:00:02.000001,2.00000,2,2']
    assert.equal(output, ['at,d,n,some', ...rows, ''].join('\n'))
    assert.deepEqual(
      letters.map(({ row, errors }) => [row, errors[0]?.column]),
      [[2, 'some']],
    )
  })

  it('reads the Parquet files of a directory, in the order of their names', async () => {
    const path = directory('many')
    for (const name of ['b', 'a', 'c']) await write(`many/${name}.parquet`, `select '${name}' as name`)
    writeFileSync(`${path}readme.txt`, 'no data')
    writeFileSync(`${path}_SUCCESS`, '')
    const { output, error } = await loadToCsv({ extract: readParquet(path) })
    assert.equal(error, undefined)
    assert.equal(output, 'name\na\nb\nc\n')
  })

  it('takes a column for nullable that is so in one file', async () => {
    const path = directory('nullable')
    for (const nullable of [false, true]) {
      const columnData = [{ name: 'x', data: [1, 2], type: 'INT32' as const, nullable }]
      writeFileSync(`${path}${nullable}.parquet`, Buffer.from(parquetWriteBuffer({ columnData })))
    }
    const { signal } = new AbortController()
    const { splits } = await readParquet(path).plan({ signal } as RunContext)
    assert.deepEqual(
      splits.map(({ nullable }) => nullable),
      [['x'], ['x']],
    )
    const input = await openParquet(splits[0] as Split, undefined, signal)
    const { schema } = new ParquetBatches(splits[0] as Split, input, new BatchPool())
    await input.close()
    assert.deepEqual(schema.fields, [{ name: 'x', type: { kind: 'int32' }, nullable: true }])
    const { output } = await loadToCsv({ extract: readParquet(path) })
    assert.equal(output, 'x\n1\n2\n1\n2\n')
  })

  it('names two files that differ, and how', async () => {
    for (const [name, query, message] of [
      ['type', 'select 1::bigint as a, 2 as b', /"a" is int32 in the first and int64 in the second/],
      ['more', 'select 1 as a, 2 as b, 3 as c', /only the second has a column "c"/],
      ['less', 'select 1 as a', /only the first has a column "b"/],
      ['order', 'select 2 as b, 1 as a', /"b" stands at another place/],
    ] as const) {
      const path = directory(`differ-${name}`)
      await write(`differ-${name}/1.parquet`, 'select 1 as a, 2 as b')
      await write(`differ-${name}/2.parquet`, query)
      const error = await refused(readParquet(path))
      assert.equal(error.code, 'missing-label')
      assert.match(error.message, message)
      assert.ok(error.message.includes('/1.parquet') && error.message.includes('/2.parquet'), error.message)
    }
    const { output } = await loadToCsv({ extract: readParquet(`${dir}/differ-order/`, { columns: ['a', 'b'] }) })
    assert.equal(output, 'a,b\n1,2\n1,2\n')
  })

  it('refuses a file without rows, unless it may be empty', async () => {
    const path = await write('empty.parquet', 'select 1 as a where false')
    const error = await refused(readParquet(path))
    assert.deepEqual([error.code, error.exitCode], ['empty-source', 3])
    const { output } = await loadToCsv({ extract: readParquet(path, { allowEmpty: true }) })
    assert.equal(output, 'a\n')
  })

  it('says what is no Parquet file, and why', async () => {
    const bytes = readFileSync(`${dir}/rows.parquet`)
    const encrypted = Buffer.concat([bytes.subarray(0, -4), Buffer.from('PARE')])
    for (const [name, content, message] of [
      ['text', Buffer.from('id,name\n1,a\n2,b\n'), /does not end as a Parquet file does/],
      ['short', Buffer.from('PAR1'), /too short/],
      ['cut', bytes.subarray(0, bytes.length >> 1), /does not end as a Parquet file does/],
      ['encrypted', encrypted, /is encrypted/],
      ['long', Buffer.concat([bytes.subarray(0, -8), Buffer.of(255, 255, 255, 0), Buffer.from('PAR1')]), /longer than/],
    ] as const) {
      const path = `${dir}/no-${name}.parquet`
      writeFileSync(path, content)
      const error = await refused(readParquet(path))
      assert.deepEqual([error.code, error.exitCode], ['source-failed', 4])
      assert.ok(error.message.includes(path), error.message)
      assert.match(error.message, message)
    }
    assert.equal((await refused(readParquet(`${dir}/nothing.parquet`))).code, 'source-not-found')
    const empty = directory('without')
    writeFileSync(`${empty}a.csv`, 'id\n1\n')
    assert.match((await refused(readParquet(empty))).message, /holds no files \*\.parquet/)
  })

  it('refuses options that make no sense', () => {
    const cases: readonly (readonly [() => unknown, RegExp])[] = [
      [() => readParquet(''), /the path is missing/],
      [() => readParquet('-'), /cannot come from stdin/],
      [() => readParquet('a', { columns: [] }), /columns must be/],
      [() => readParquet('a', { column: ['a'] } as never), /no option "column"; did you mean "columns"/],
      [() => readParquet('a', { schema: z.string() as never }), /schema must be a zod object/],
    ]
    for (const [make, message] of cases) assert.throws(make, message)
  })
})
