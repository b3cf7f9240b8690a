import assert from 'node:assert/strict'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { row, TableScene } from '../../../storage/iceberg/testing/table-scene.ts'
import { ensureBuilt, jsonLines, sluice, workspace } from '../testing/sluice.ts'

function configured(catalog: unknown): string {
  return `export default { environments: { prod: { catalogs: { lake: ${JSON.stringify(catalog)} } } } }`
}

describe('sluice preview of a table', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('shows the first rows of a table of a configured catalog', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(2), { ...row(3), region: null }] })
    using place = workspace({ 'sluice.config.mjs': configured(scene.catalog) })
    const all = await sluice(['preview', scene.table, '--env', 'prod'], place)
    assert.deepEqual([all.code, all.stderr], [0, ''])
    const [head = '', , ...lines] = all.stdout.trimEnd().split('\n')
    assert.match(head, /^id +region +ts$/)
    assert.equal(lines.length, 3)
    assert.match(lines[2] as string, /^3 +∅ /)
    const some = await sluice(['preview', scene.table, '--env', 'prod', '-n', '2', '--json'], place)
    assert.deepEqual(
      jsonLines(some.stdout).map(({ id }) => id),
      ['1', '2'],
    )
  })

  it('shows the columns of a table without rows, and takes no flags of files', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [] })
    using place = workspace({ 'sluice.config.mjs': configured(scene.catalog) })
    const { code, stdout } = await sluice(['preview', scene.table, '--env', 'prod'], place)
    assert.equal(code, 0)
    assert.match(stdout, /^id +region +ts\n/)
    const refused = await sluice(['preview', scene.table, '--delimiter', ';'], place)
    assert.equal(refused.code, 2)
    assert.match(refused.stderr, /^error: --delimiter is for files, and lake\.silver\.customers is a table\.\n$/)
  })

  it('takes a file for a file, and makes no catalog by looking for a table', async () => {
    using place = workspace()
    writeFileSync(join(place.cwd, 'a.b.c'), 'id\n1\n')
    assert.match((await sluice(['preview', 'a.b.c'], place)).stdout, /^id\n─+\n1\n$/)
    assert.match((await sluice(['preview', 'orders.2024.csv'], place)).stderr, /Cannot read .*orders\.2024\.csv/)
    const missing = await sluice(['preview', 'lake.silver.none'], place)
    assert.equal(missing.code, 4)
    assert.match(missing.stderr, /^error: There is no table lake\.silver\.none\. Check its name and the catalog\.\n$/)
    assert.equal(existsSync(join(place.cwd, 'dist')), false)
  })
})
