import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { inspect } from 'node:util'
import { icebergTarget } from './iceberg-target.ts'
import { scanTable } from './plan-scan.ts'
import type { WriteMode } from './table-commit.ts'
import { row, type TableScene } from './testing/table-scene.ts'
import { forgetEndpoint, VendingLake } from './testing/vending-lake.ts'

forgetEndpoint()

async function rows({ table, catalog }: TableScene): Promise<number> {
  const { files } = await scanTable(table, { catalog })
  return files.reduce((sum, { records }) => sum + records, 0)
}

describe('credentials that a REST catalog gives', () => {
  for (const plain of [false, true]) {
    it(`${plain ? 'for whole tables' : 'by the longest prefix'} reach the files of every kind of commit`, async () => {
      await using lake = await VendingLake.start({ plain })
      using scene = lake.scene()
      await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
      assert.equal(await rows(scene), 2)
      for (const [mode, wanted] of [
        ['append', 3],
        ['overwrite', 1],
        ['createOrReplace', 1],
      ] as [WriteMode, number][]) {
        assert.deepEqual(await scene.run(mode, { mode, rows: [row(3)] }), { outcome: 'committed' })
        assert.equal(await rows(scene), wanted)
      }
      const before = lake.keys()
      const output = await scene.prepared('undone', { rows: [row(4)] })
      assert.ok(lake.keys().length > before.length)
      await icebergTarget().abort(output.plan)
      assert.deepEqual(lake.keys(), before)
    })
  }

  it('are asked for again when S3 takes them no more, whenever that is', async () => {
    await using lake = await VendingLake.start()
    using scene = lake.scene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const output = await scene.prepared('two', { rows: [row(2)] })
    lake.expire()
    assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
    assert.equal(await rows(scene), 2)
  })

  it('are asked for again while a table is made that is not there yet, also by who finishes it', async () => {
    await using lake = await VendingLake.start()
    using scene = lake.scene()
    const output = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    lake.expire()
    // As another process, which knows the plan as JSON alone.
    assert.deepEqual(await icebergTarget().commit(JSON.parse(JSON.stringify(output))), { outcome: 'committed' })
    assert.equal(await rows(scene), 1)
    assert.equal(new Set(lake.given.map(({ location }) => location)).size, 1)
  })

  it('let who undoes the making of a table remove all of it', async () => {
    await using lake = await VendingLake.start()
    using scene = lake.scene()
    const { plan } = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    assert.ok(lake.keys().length > 0)
    lake.expire()
    for (let time = 0; time < 2; time++) await icebergTarget().abort(JSON.parse(JSON.stringify(plan)))
    assert.deepEqual(lake.keys(), [])
  })

  it('let who undoes a run remove its files though the table is gone', async () => {
    await using lake = await VendingLake.start()
    using scene = lake.scene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const before = lake.keys()
    const { plan } = await scene.prepared('two', { rows: [row(2)] })
    lake.catalog.tables.clear()
    lake.expire()
    await icebergTarget().abort(JSON.parse(JSON.stringify(plan)))
    assert.deepEqual(lake.keys(), before)
  })

  it('serve where tables are made at once', async () => {
    await using lake = await VendingLake.start({}, { noStages: true })
    using scene = lake.scene()
    const output = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    lake.expire()
    assert.deepEqual(await icebergTarget().commit(JSON.parse(JSON.stringify(output))), { outcome: 'committed' })
    assert.equal(await rows(scene), 1)
  })

  it('are not asked for by who wants to use its own', async () => {
    await using lake = await VendingLake.start()
    using scene = lake.scene()
    const catalog = { ...scene.catalog, credentials: 'own' } as TableScene['catalog']
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: lake.s3.endpoint })
    try {
      lake.s3.credentials.set('OWN', {})
      await scene.run('one', { catalog, mode: 'create', rows: [row(1)] })
      assert.equal(lake.given.length, 0)
    } finally {
      delete process.env['AWS_ENDPOINT_URL_S3']
    }
  })

  it('that are refused for good fail a run with what S3 says', async () => {
    await using lake = await VendingLake.start()
    using scene = lake.scene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    lake.stale = true
    await assert.rejects(rows(scene), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'source-failed')
      assert.match(error.message, /The provided token has expired/)
      assert.doesNotMatch(inspect(error, { depth: 12, showHidden: true }), /vended-(secret|token)/)
      return true
    })
  })
})
