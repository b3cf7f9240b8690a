import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Cell } from '../records/column.ts'
import { javascriptKernels } from '../records/kernels/javascript/index.ts'
import { SpanColumn } from '../records/span-column.ts'
import { ConstantColumn, encodeCells, ValueColumn } from '../records/value-column.ts'
import { Duck } from './testing/readers.ts'
import { type TestColumn, writeTable } from './testing/write-table.ts'

const duck = new Duck()
after(() => duck[Symbol.dispose]())

const made = (cells: readonly Cell[]): TestColumn => ({
  name: 'c',
  cells,
  make: (memory, some) => new ValueColumn(memory, some),
})

async function typeAndValues(column: TestColumn, batchRows = 2) {
  const { bytes } = await writeTable([column], { batchRows })
  const rows = await duck.query(bytes, 'select typeof(c), c from FILE')
  return [rows[0]?.[0], ...rows.map((row) => row[1])]
}

describe('a column without a declared type', () => {
  const at = new Date('2024-02-29T12:00:00.123Z')

  it('is what its first value is, however late that comes', async () => {
    const cases: [string, readonly Cell[]][] = [
      ['DOUBLE', [null, null, null, 1.5, null, 2]],
      ['BIGINT', [null, 5n, -5n]],
      ['BOOLEAN', [null, true, false]],
      ['VARCHAR', [null, 'x', null, 'y']],
    ]
    for (const [type, cells] of cases) assert.deepEqual(await typeAndValues(made(cells)), [type, ...cells])
    const [instant] = await typeAndValues(made([null, at]))
    assert.equal(instant, 'TIMESTAMP WITH TIME ZONE')
    const [bytes] = await typeAndValues(made([null, Buffer.from('a')]))
    assert.equal(bytes, 'BLOB')
  })

  it('is text when it has no value at all', async () => {
    assert.deepEqual(await typeAndValues(made([null, null, null])), ['VARCHAR', null, null, null])
  })

  it('refuses values of another kind, names the column and says to cast', async () => {
    for (const [cells, message] of [
      [['x', 5], /The column c is string, and has a float64.*`cast` it/],
      [[5, null, null, 'x'], /The column c is float64, and has a string/],
      [[5n, 5], /The column c is int64, and has a float64/],
      [[true, at], /The column c is boolean, and has a timestamptz/],
    ] as const) {
      await assert.rejects(writeTable([made(cells)], { batchRows: 1 }), { code: 'transform-failed', message })
      await assert.rejects(writeTable([made(cells)]), { code: 'transform-failed', message })
    }
  })

  it('may hold one value for all rows', async () => {
    for (const [value, type] of [
      ['x', 'VARCHAR'],
      [7, 'DOUBLE'],
      [null, 'VARCHAR'],
    ] as const) {
      const cells = [value, value, value]
      const column: TestColumn = {
        name: 'c',
        cells,
        make: (memory, some) => new ConstantColumn(memory, value, some.length),
      }
      assert.deepEqual(await typeAndValues(column), [type, ...cells])
    }
  })

  it('takes cells of no bytes for null in text, but not in a column that is typed', async () => {
    const cells = ['', 'x', '', null]
    const spans: TestColumn = {
      name: 'c',
      cells,
      make: (memory, some) => {
        const { spans, bytes } = encodeCells(memory, some)
        return new SpanColumn(memory, spans, some.length, undefined, bytes)
      },
    }
    assert.deepEqual(await typeAndValues(spans), ['VARCHAR', null, 'x', null, null])
    assert.deepEqual(await typeAndValues(made(cells)), ['VARCHAR', null, 'x', null, null])
    assert.deepEqual(await typeAndValues({ name: 'c', type: 'string', cells }), ['VARCHAR', '', 'x', '', null])
  })

  it('looks at live rows only', async () => {
    const { bytes } = await writeTable([made(['x', 5, 6])], { gone: (row) => (row === 0 ? 1 : 0) })
    assert.deepEqual(await duck.query(bytes, 'select c from FILE'), [[5], [6]])
  })
})

describe('a file', () => {
  it('is the same without WebAssembly', async () => {
    const rows = Array.from({ length: 3000 }, (_, row) => row)
    const columns: TestColumn[] = [
      { name: 'a', type: 'string', cells: rows.map((row) => (row % 5 === 0 ? null : `é ${row % 40}`)) },
      { name: 'b', type: 'float64', cells: rows.map((row) => (row % 7 === 0 ? Number.NaN : row / 3)) },
      { name: 'c', type: 'decimal(30,2)', cells: rows.map((row) => `${row - 1500}.25`) },
      { name: 'd', type: 'boolean', cells: rows.map((row) => row % 3 === 0) },
      { name: 'e', type: 'int64', cells: rows.map((row) => BigInt(row % 11)) },
    ]
    const options = { rowGroupRows: 1000, batchRows: 700 }
    const [wasm, plain] = [
      await writeTable(columns, options),
      await writeTable(columns, { ...options, kernels: javascriptKernels }),
    ]
    assert.deepEqual(plain.bytes, wasm.bytes)
  })
})

describe('a required column', () => {
  it('refuses nulls', async () => {
    const column: TestColumn = { name: 'c', type: 'int32', required: true, cells: [1, null] }
    await assert.rejects(writeTable([column]), { code: 'transform-failed', message: /The column c has a null/ })
  })
})

describe('a large column', () => {
  const ROWS = 150_000
  const shapes: [string, (row: number) => Cell][] = [
    ['of few values', (row) => `value ${row % 11}`],
    ['of more values than a dictionary holds, after some that it does', (row) => `v${row < 50_000 ? row % 3 : row}`],
    ['of values that are all different', (row) => `value number ${row}`],
    ['of many values that come again', (row) => `v${(row * 7919) % 20_000}`],
    ['of runs', (row) => `run ${Math.floor(row / 5000)}`],
    ['with long gaps', (row) => (row % 1000 === 999 ? `v${row}` : null)],
    ['with some long values', (row) => (row % 10_000 === 0 ? `${row}`.repeat(200_000) : `${row % 100}`)],
  ]

  for (const [what, cell] of shapes) {
    it(`${what} is given back, over many pages and row groups`, async () => {
      const cells = Array.from({ length: ROWS }, (_, row) => cell(row))
      const { bytes } = await writeTable([{ name: 'c', type: 'string', cells }], {
        rowGroupRows: 70_000,
        batchRows: 9000,
      })
      const rows = await duck.query(bytes, 'select c from FILE')
      assert.equal(rows.length, ROWS)
      for (let row = 0; row < ROWS; row++) {
        if (rows[row]![0] !== cells[row]) assert.fail(`row ${row}: ${String(rows[row]![0]).slice(0, 50)}`)
      }
    })
  }

  it('has a dictionary only where it pays', async () => {
    const encodings = async (cell: (row: number) => Cell) => {
      const cells = Array.from({ length: 50_000 }, (_, row) => cell(row))
      const { bytes } = await writeTable([{ name: 'c', type: 'string', cells }])
      return (await duck.query(bytes, 'select encodings from parquet_metadata(FILE)'))[0]![0]
    }
    assert.match(String(await encodings((row) => `v${row % 100}`)), /RLE_DICTIONARY/)
    assert.doesNotMatch(String(await encodings((row) => `v${row}`)), /RLE_DICTIONARY/)
  })

  it('keeps row groups within rows and bytes', async () => {
    const cells = Array.from({ length: 50_000 }, (_, row) => `value number ${row}`)
    const column: TestColumn = { name: 'c', type: 'string', cells }
    const byRows = await writeTable([column], { rowGroupRows: 7000 })
    assert.deepEqual(
      byRows.footer.rowGroups.map(({ rows }) => rows),
      [7000, 7000, 7000, 7000, 7000, 7000, 7000, 1000],
    )
    const byBytes = await writeTable([column], { rowGroupBytes: 100_000 })
    for (const { uncompressed } of byBytes.footer.rowGroups) assert.ok(uncompressed < 250_000, `${uncompressed}`)
  })
})
