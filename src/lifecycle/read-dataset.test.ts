import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { row, TableScene } from '../storage/iceberg/testing/table-scene.ts'
import { defineJob } from './job.ts'
import { runJob } from './run.ts'

it('reads a dataset that is a table, from the catalog and with the options of the configuration', async () => {
  using scene = new TableScene()
  await scene.run('one', { mode: 'create', rows: [row(1), row(2, 'US')] })
  const config = join(scene.directory, 'sluice.config.ts')
  const customers = {
    format: 'iceberg',
    options: { columns: ['id'], where: { region: 'US' } },
    locations: { local: 'lake.silver.customers' },
  }
  const catalogs = { lake: scene.catalog }
  writeFileSync(config, `export default ${JSON.stringify({ catalogs, datasets: { customers } })}\n`)
  const out = join(scene.directory, 'out.csv')
  const job = defineJob({
    name: 'read',
    extract: ({ readDataset }) => readDataset('customers'),
    load: writeCsv(out),
  })
  await runJob(job, { config, state: join(scene.directory, 'state') })
  assert.equal(readFileSync(out, 'utf8'), 'id\n2\n')
})
