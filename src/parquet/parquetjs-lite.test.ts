import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import parquetjs from 'parquetjs-lite'
import { folder } from './testing/files.ts'
import { Duck } from './testing/readers.ts'
import { type TestColumn, writeTable } from './testing/write-table.ts'

const duck = new Duck()
after(() => duck[Symbol.dispose]())

describe('parquetjs-lite', () => {
  it('reads what is written here, where it knows types, compression and encodings: no dictionaries', async () => {
    const rows = Array.from({ length: 5000 }, (_, row) => row)
    const columns: TestColumn[] = [
      { name: 'text', type: 'string', cells: rows.map((row) => (row % 3 === 0 ? null : `é ${row}`)) },
      { name: 'unlike', type: 'string', cells: rows.map((row) => `${row}`) },
      { name: 'double', type: 'float64', cells: rows.map((row) => row / 3) },
      { name: 'int', type: 'int32', cells: rows.map((row) => row - 2500) },
      { name: 'yes', type: 'boolean', cells: rows.map((row) => row % 2 === 0) },
      { name: 'at', type: 'timestamptz', cells: rows.map((row) => new Date(row * 1e9)) },
    ]
    for (const compression of ['gzip', 'none'] as const) {
      const { bytes } = await writeTable(columns, { compression, rowGroupRows: 3000 })
      const reader = await parquetjs.ParquetReader.openBuffer(bytes)
      const cursor = reader.getCursor()
      for (const row of rows) {
        const { at, ...found } = (await cursor.next()) as Record<string, unknown>
        const { text, ...expected } = Object.fromEntries(columns.map(({ name, cells }) => [name, cells[row]]))
        assert.equal(Number(at), (expected['at'] as Date).getTime())
        delete expected['at']
        assert.deepEqual({ ...found }, text === null ? expected : { text, ...expected })
      }
      assert.equal(await cursor.next(), null)
      await reader.close()
    }
  })

  // Why it is no writer of ours: docs/decisions/0020-own-parquet-pages.md.
  it('corrupts whole numbers beyond 2^53 when it writes them', async () => {
    const values = [9007199254740993n, 1700000000000000001n]
    const path = await written(
      { l: { type: 'INT64' } },
      values.map((l) => ({ l })),
    )
    const rows = await duck.queryFile(path, 'select l from FILE')
    assert.deepEqual(rows, [[9007199254740992n], [1700000000000000000n]])
    const own = await writeTable([{ name: 'l', type: 'int64', cells: values }])
    assert.deepEqual(
      await duck.query(own.bytes, 'select l from FILE'),
      values.map((value) => [value]),
    )
  })

  it('writes bounds of text that make readers miss rows', async () => {
    const values = ['�x', '😀']
    const select = `select count(*) from FILE where s = '😀'`
    const path = await written(
      { s: { type: 'UTF8' } },
      values.map((s) => ({ s })),
    )
    assert.deepEqual(await duck.queryFile(path, select), [[0n]])
    const own = await writeTable([{ name: 's', type: 'string', cells: values }])
    assert.deepEqual(await duck.query(own.bytes, select), [[1n]])
  })
})

async function written(schema: object, rows: readonly object[]): Promise<string> {
  const path = join(folder(), 'theirs.parquet')
  const writer = await parquetjs.ParquetWriter.openFile(new parquetjs.ParquetSchema(schema), path)
  for (const row of rows) await writer.appendRow(row)
  await writer.close()
  return path
}
