import assert from 'node:assert/strict'
import { statSync } from 'node:fs'
import { describe, it } from 'node:test'
import { openResources } from '../../lifecycle/resources.ts'
import { duck } from '../../parquet/testing/duck.ts'
import { folder } from '../../parquet/testing/files.ts'
import { cellText } from '../../records/cell-text.ts'
import type { IcebergField } from '../../storage/iceberg/iceberg-schema.ts'
import { encodeValue } from '../../storage/iceberg/single-value.ts'
import { ParquetBatches } from '../parquet-batches.ts'
import { openColumns } from '../parquet-input.ts'
import { tableReading } from './table-reading.ts'
import type { TableSplit } from './table-splits.ts'
import { tableView } from './table-view.ts'

const dir = folder()

function field(id: number, name: string, type: string, required = false): IcebergField {
  return { id, name, type, required }
}

/** The rows of a file that a query makes, as a table of these columns has them. */
async function rowsOf(
  query: string,
  fields: readonly IcebergField[],
  known: Partial<Pick<TableSplit, 'names' | 'constants'>> = {},
): Promise<readonly (readonly (string | null)[])[]> {
  const path = `${dir}/file.parquet`
  await duck(`copy (${query}) to '${path}' (format parquet)`)
  await using resources = await openResources(0)
  const reading = tableReading('a.b.c', { type: 'struct', 'schema-id': 0, fields }, {})
  const input = await openColumns(
    { source: path, bytes: statSync(path).size },
    new AbortController().signal,
    (file, footer) => tableView(file, footer, reading, { constants: {}, ...known }),
  )
  try {
    const rows: (string | null)[][] = []
    for await (const { batch } of new ParquetBatches({ index: 0, source: path }, input, resources.pool).all()) {
      for (let row = 0; row < batch.rows; row++) {
        rows.push(batch.columns.map((column) => (column.value(row) === null ? null : String(cellText(column, row)))))
      }
      batch.release()
    }
    return rows
  } finally {
    await input.close()
  }
}

describe('a data file that was there before its table', () => {
  it('has its columns found by a name mapping', async () => {
    const fields = [field(2, 'label', 'string'), field(1, 'id', 'long'), field(3, 'more', 'date')]
    const rows = await rowsOf("select 7::integer as number, 'x' as label, 1 as more_or_less", fields, {
      names: { number: 1, id: 1, label: 2, more: 3 },
    })
    assert.deepEqual(rows, [['x', '7', null]])
  })

  it('is refused without one', async () => {
    const work = rowsOf('select 7 as id', [field(1, 'id', 'long')])
    await assert.rejects(work, /its columns have no ids.*Give the table a name mapping, or rewrite the file/)
  })

  it('gets from its partition what it does not hold', async () => {
    const at = BigInt(Date.parse('2026-01-02T03:04:05Z')) * 1000n + 1n
    const values = { 2: ['string', 'a/b ü'], 3: ['date', -1], 4: ['timestamp', at], 5: ['boolean', 1], 6: ['int', 5] }
    const constants = Object.fromEntries(
      Object.entries(values).map(([id, [type, value]]) => {
        return [id, encodeValue(type as string, value as never).toString('base64')] as const
      }),
    )
    const types = ['string', 'date', 'timestamp', 'boolean', 'long', 'string']
    const fields = [field(1, 'id', 'long', true), ...types.map((type, index) => field(index + 2, `c${index}`, type))]
    const rows = await rowsOf('select i as id from range(2) r(i)', fields, {
      names: { id: 1 },
      constants: { ...constants, 7: null },
    })
    const rest = ['a/b ü', '1969-12-31', '2026-01-02T03:04:05.000001', 'true', '5', null]
    assert.deepEqual(rows, [
      ['0', ...rest],
      ['1', ...rest],
    ])
  })

  it('is refused when it has another type, or lacks what the table requires', async () => {
    const names = { id: 1 }
    const other = rowsOf("select 'x' as id", [field(1, 'id', 'long')], { names })
    await assert.rejects(other, /the column "id" is string there and int64 in the table\. Write the file again/)
    const lacking = rowsOf('select 1 as id', [field(2, 'name', 'string', true)], { names })
    await assert.rejects(lacking, /it has no column "name", which the table requires/)
  })
})
