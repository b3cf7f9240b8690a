import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { ended, ensureBuilt, jsonLines, sluice, workspace } from '../../src/runtimes/cli/testing/sluice.ts'

const SCRIPT = join(import.meta.dirname, 'orders.ts')
const TABLE = 'lake.silver.orders'

/** What makes the table, once. */
const FIRST = `import { defineJob, readCsv, writeIceberg } from 'sluice'
export default defineJob({
  name: 'first-orders',
  extract: readCsv('orders.csv'),
  transform: (rows) => rows.cast({ order_id: 'int64', amount: 'decimal(10,2)' }),
  load: writeIceberg('${TABLE}', { mode: 'create' }),
})
`

describe('orders that are written, audited and published', () => {
  before(ensureBuilt)

  it('become the table when the audit passes, and stay on their branch when it fails', async () => {
    using place = workspace({ 'first.ts': FIRST })
    const put = (ids: readonly number[]) =>
      writeFileSync(join(place.cwd, 'orders.csv'), `order_id,amount\n${ids.map((id) => `${id},1.50\n`).join('')}`)
    const play = () => ended(spawn(process.execPath, [SCRIPT], { cwd: place.cwd }))
    const published = async () => {
      const { stdout } = await sluice(['preview', TABLE, '--json'], place)
      return jsonLines(stdout).map((line) => Number(line['order_id']))
    }
    put([1, 2, 3])
    assert.equal((await sluice(['run', 'first.ts'], place)).code, 0)
    put([4, 5])
    assert.equal((await play()).code, 0)
    assert.deepEqual(await published(), [4, 5])
    assert.equal(readFileSync(join(place.cwd, 'dist/local_output/orders-audit.csv'), 'utf8'), 'fresh,known\n2,3\n')
    put([6])
    assert.equal((await play()).code, 0)
    put([7, 8, 9])
    assert.equal((await play()).code, 0)
    put([10])
    const halved = await play()
    assert.notEqual(halved.code, 0)
    assert.match(halved.stderr, /1 rule failed: not_halved/)
    assert.deepEqual(await published(), [7, 8, 9])
    put([11, 11])
    assert.match((await play()).stderr, /SluiceError: .*unique/)
    assert.deepEqual(await published(), [7, 8, 9])
    put([12, 13])
    assert.equal((await play()).code, 0)
    assert.deepEqual(await published(), [12, 13])
  })

  it('stand in the documentation as they run', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/iceberg.md'), 'utf8')
    assert.ok(page.includes(readFileSync(SCRIPT, 'utf8')))
  })
})
