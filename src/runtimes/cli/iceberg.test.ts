import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { ensureBuilt, sluice, workspace } from './testing/sluice.ts'

before(() => ensureBuilt())

describe('a job that writes to glue_catalog.silver.customers', () => {
  it('works on this machine without any configuration, and is only checked by `check`', async () => {
    const built = join(import.meta.dirname, '../../../build/index.js')
    using place = workspace({
      'customers.csv': 'id,name\n1,Ada\n2,Grace\n',
      'customers.ts': `
        import { defineJob, readCsv, writeIceberg } from ${JSON.stringify(built)}
        export default defineJob({
          name: 'customers',
          extract: readCsv('customers.csv'),
          transform: (rows) => rows.cast({ id: 'int64' }),
          load: writeIceberg('glue_catalog.silver.customers', { mode: 'createOrReplace', partitionBy: ['bucket(4, id)'] }),
        })`,
    })
    const checked = await sluice(['check', 'customers.ts'], place)
    assert.equal(checked.code, 0, checked.stderr)
    const dry = await sluice(['run', 'customers.ts', '--dry-run'], place)
    assert.equal(dry.code, 0, dry.stderr)
    assert.equal(existsSync(join(place.cwd, 'dist')), false)
    for (const time of ['first', 'second']) {
      const run = await sluice(['run', 'customers.ts', '--json'], place)
      assert.equal(run.code, 0, `${time}: ${run.stderr}`)
      assert.equal(JSON.parse(run.stdout).rows.loaded, 2)
    }
    assert.ok(existsSync(join(place.cwd, 'dist/local_output/glue_catalog/catalog.db')))
    assert.ok(existsSync(join(place.cwd, 'dist/local_output/glue_catalog/silver/customers/metadata')))
  })
})
