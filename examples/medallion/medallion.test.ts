import assert from 'node:assert/strict'
import { cpSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { duck } from '../../src/parquet/testing/duck.ts'
import { ensureBuilt, sluice, workspace } from '../../src/runtimes/cli/testing/sluice.ts'
import { scanTable } from '../../src/storage/iceberg/plan-scan.ts'

/** What DuckDB reads in the data files of a table, all as text. */
async function rowsOf(cwd: string, table: string, columns: string): Promise<readonly (readonly unknown[])[]> {
  const catalog = { type: 'sql', uri: `file:${cwd}/dist/local_output/lake/catalog.db` } as const
  const { files } = await scanTable(`lake.${table}`, { catalog })
  const paths = files.map(({ path }) => `'${path.replace(/^file:\/\//, '')}'`)
  const selected = `select ${columns} from read_parquet([${paths.join(', ')}])`
  return await duck(`set timezone = 'UTC'; select columns(*)::varchar from (${selected}) order by all`)
}

describe('the medallion', () => {
  before(ensureBuilt)

  it('makes tables of silver out of bronze files, and one of gold out of these, again and again', async () => {
    using place = workspace()
    cpSync(import.meta.dirname, join(place.cwd, 'examples/medallion'), { recursive: true })
    for (let round = 0; round < 2; round++) {
      const loaded: number[] = []
      for (const job of ['silver-customers', 'silver-orders', 'gold-revenue']) {
        const { code, stdout, stderr } = await sluice(['run', `examples/medallion/${job}.ts`, '--json'], place)
        assert.equal(code, 0, stderr)
        loaded.push(JSON.parse(stdout).rows.loaded)
      }
      assert.deepEqual(loaded, [5, 8, 5])
    }
    const emails = await rowsOf(place.cwd, 'silver.customers', 'customer_id, email')
    assert.deepEqual(emails[0], ['1', 'ada@example.com'])
    assert.deepEqual(await rowsOf(place.cwd, 'gold.revenue', 'country, month, orders, revenue'), [
      ['DE', '2024-01-01', '1', '19.99'],
      ['DE', '2024-02-01', '3', '1005.11'],
      ['GB', '2024-01-01', '1', '120.00'],
      ['GB', '2024-02-01', '1', '80.25'],
      ['US', '2024-01-01', '1', '75.50'],
    ])
  })
})
