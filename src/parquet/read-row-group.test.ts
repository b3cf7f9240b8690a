import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BatchPool } from '../records/batch-pool.ts'
import { formatType } from '../records/data-type.ts'
import type { ParquetFile } from './parquet-file.ts'
import { readFooter } from './read-footer.ts'
import { type BatchLimits, RowGroupReader, readRowGroup } from './read-row-group.ts'
import { ALL_TYPES } from './testing/all-types.ts'
import { duck, type Exact, exactInColumns, exactInDuck } from './testing/duck.ts'
import { folder, openLocal } from './testing/files.ts'

const dir = folder()
const memory = await new BatchPool().acquire()

async function write(name: string, rows: number, options: string): Promise<string> {
  const path = `${dir}/${name}.parquet`
  await duck(`copy (select ${ALL_TYPES} from range(${rows}) r(i)) to '${path}' (format parquet, ${options})`)
  return path
}

async function readAll(file: ParquetFile): Promise<readonly (readonly Exact[])[]> {
  const footer = await readFooter(file)
  const names = footer.fields.map(({ name }) => name)
  const rows: (readonly Exact[])[] = []
  for (const index of footer.rowGroups.keys()) {
    rows.push(...exactInColumns(memory, await readRowGroup(file, footer, index, names, memory)))
    memory.reset()
  }
  return rows
}

async function compare(path: string): Promise<void> {
  const file = await openLocal(path)
  const { fields } = await readFooter(file)
  const expected = await exactInDuck(path, fields)
  const found = await readAll(file)
  assert.equal(found.length, expected.length)
  for (const [row, values] of found.entries()) {
    for (const [column, value] of values.entries()) {
      assert.equal(value, expected[row]?.[column], `row ${row}, ${fields[column]?.name}`)
    }
  }
}

describe('reading row groups', () => {
  it('gives the types of the columns', async () => {
    const { fields, rows } = await readFooter(await openLocal(await write('types', 10, 'compression zstd')))
    const types = Object.fromEntries(fields.map(({ name, type }) => [name, type && formatType(type)]))
    const numbers = { i: 'int64', i32: 'int32', i8: 'int32', u8: 'int32', u16: 'int32', u32: 'int64' }
    const large = { u64: 'decimal(20,0)', i64: 'int64', d: 'float64', f: 'float64', zero: 'float64' }
    const decimals = { b: 'boolean', maybe: 'boolean', d9: 'decimal(9,2)', d18: 'decimal(18,3)', d38: 'decimal(38,9)' }
    const times = { day: 'date', t: 'time', ts: 'timestamp', tz: 'timestamptz', ms: 'timestamp', s: 'timestamp' }
    const text = { ns: 'timestamp', few: 'string', many: 'string', same: 'string', bytes: 'binary', id: 'uuid' }
    const rest = { nothing: 'string', j: 'string', long: 'string' }
    assert.deepEqual(types, { ...numbers, ...large, ...decimals, ...times, ...text, ...rest })
    assert.equal(rows, 10)
  })

  for (const codec of ['uncompressed', 'snappy', 'gzip', 'zstd', 'brotli', 'lz4', 'lz4_raw']) {
    for (const version of ['v1', 'v2']) {
      it(`gives what DuckDB reads of files in ${codec}, ${version}`, async () => {
        const options = `compression ${codec}, parquet_version ${version}, row_group_size 2048`
        await compare(await write(`${codec}-${version}`, 5000, options))
      })
    }
  }

  it('gives what DuckDB reads of files without dictionaries', async () => {
    await compare(await write('plain', 3000, 'dictionary_size_limit 0'))
    await compare(await write('plain2', 3000, 'dictionary_size_limit 0, parquet_version v2'))
  })

  it('gives every range of rows, and any pieces, as the whole', async () => {
    const file = await openLocal(await write('pieces', 6000, 'row_group_size 6000, parquet_version v2'))
    const footer = await readFooter(file)
    const names = footer.fields.map(({ name }) => name)
    const whole = await readAll(file)
    for (const [from, to] of [
      [0, 1],
      [5999, 6000],
      [17, 4099],
      [3000, 3000],
    ] as const) {
      const columns = await readRowGroup(file, footer, 0, names, memory, [from, to])
      assert.deepEqual(exactInColumns(memory, columns), whole.slice(from, to))
      memory.reset()
    }
    for (const limits of [
      { rows: 1000, bytes: 1 << 20 },
      { rows: 100_000, bytes: 5000 },
      { rows: 7, bytes: 1 },
    ]) {
      assert.deepEqual(await inPieces(file, limits, names), whole)
    }
  })

  it('keeps pieces within the bytes, but for a row that has more', async () => {
    const path = `${dir}/wide.parquet`
    const text = "repeat('x', case when i = 500 then 50000 else 100 end)"
    await duck(`copy (select ${text} as x from range(1000) r(i)) to '${path}' (format parquet)`)
    const file = await openLocal(path)
    const reader = new RowGroupReader(file, await readFooter(file), 0, ['x'])
    const rows: number[] = []
    while (reader.left > 0) rows.push((await reader.next(memory, { rows: 1000, bytes: 10_000 })).rows)
    assert.deepEqual(rows, [...new Array(5).fill(100), 1, ...new Array(4).fill(100), 99])
  })
})

async function inPieces(file: ParquetFile, limits: BatchLimits, names: readonly string[]) {
  const reader = new RowGroupReader(file, await readFooter(file), 0, names)
  const rows: (readonly Exact[])[] = []
  while (reader.left > 0) {
    const { columns } = await reader.next(memory, limits)
    rows.push(...exactInColumns(memory, columns))
    memory.reset()
  }
  return rows
}
