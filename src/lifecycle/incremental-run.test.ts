import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { SluiceError } from '../errors.ts'
import { writeCsv } from '../sinks/csv.ts'
import { type WriteIcebergOptions, writeIceberg } from '../sinks/iceberg.ts'
import { lastCommitted, type ReadIcebergOptions } from '../sources/iceberg/options.ts'
import { readIceberg } from '../sources/iceberg.ts'
import { loadTable } from '../storage/iceberg/load-table.ts'
import { COMMIT_FAULTS, RestCatalogServer } from '../storage/iceberg/testing/rest-catalog-server.ts'
import { row, TableScene } from '../storage/iceberg/testing/table-scene.ts'
import { rowRule } from '../validation/rules/row-rule.ts'
import type { Job } from './job.ts'
import { previewJob } from './preview.ts'
import type { RunReport } from './report.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

const TARGET = 'lake.gold.customers'

const describesReport = new Ajv2020({ validateFormats: false }).compile(
  JSON.parse(readFileSync(join(import.meta.dirname, '../../docs/report.schema.json'), 'utf8')),
)

function job(scene: TableScene, load: WriteIcebergOptions = {}, extract: ReadIcebergOptions = {}): Job {
  const { catalog } = scene
  return {
    name: 'pass-on',
    extract: () => readIceberg(scene.table, { catalog, since: lastCommitted, ...extract }),
    validate: { rules: [rowRule<{ id: bigint }>(({ id }) => id > 0n, { name: 'positive' })] },
    load: () => writeIceberg(TARGET, { catalog, ...load }),
  } as Job
}

function run(scene: TableScene, load?: WriteIcebergOptions, extract?: ReadIcebergOptions): Promise<RunReport> {
  return runJob(job(scene, load, extract), { state: join(scene.directory, 'state') })
}

async function failure(work: Promise<unknown>): Promise<SluiceError> {
  return await work.then(
    () => assert.fail('it did not fail'),
    (error: SluiceError) => error,
  )
}

async function ids(scene: TableScene, table = TARGET): Promise<readonly string[]> {
  const { catalog } = scene
  const { rows } = await previewJob({ ...job(scene), extract: readIceberg(table, { catalog }) }, { rows: 1000 })
  return rows.map(([id]) => String(id)).sort((a, b) => Number(a) - Number(b))
}

async function target(scene: TableScene) {
  const metadata = await loadTable(TARGET, scene.catalog)
  const { properties, snapshots } = metadata ?? {}
  return { bookmark: properties?.[`sluice.bookmark.pass-on/${scene.table}`], snapshots: snapshots?.length }
}

async function head(scene: TableScene): Promise<string> {
  return String((await scene.metadata())?.['current-snapshot-id'])
}

before(() => {
  process.env['SLUICE_CATALOG_TIMEOUT_MS'] = '300'
})

describe('a run that reads what was appended since its last commit', () => {
  for (const mode of ['overwrite', 'createOrReplace'] as const) {
    it(`replaces rows by what is new, and none by nothing: ${mode}`, async () => {
      using scene = new TableScene()
      await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
      await run(scene, { mode: 'createOrReplace', partitionBy: ['region'] })
      const { rows } = await run(scene, { mode })
      assert.deepEqual([rows.read, await ids(scene)], [0, ['1', '2']])
      // A snapshot that appends nothing moves the bookmark, and that alone.
      await scene.run('two', { rows: [] })
      await run(scene, { mode })
      assert.deepEqual([await ids(scene), (await target(scene)).bookmark], [['1', '2'], await head(scene)])
      await scene.run('three', { rows: [row(3)] })
      await run(scene, { mode })
      assert.deepEqual(await ids(scene), ['3'])
    })
  }

  it('reads everything once, and later only what is new', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
    const first = await run(scene, { mode: 'create' })
    const one = await head(scene)
    assert.deepEqual(first.bookmark, { source: scene.table, last: null, position: one })
    assert.equal((await target(scene)).bookmark, one)
    assert.ok(describesReport(first.toJSON()), JSON.stringify(describesReport.errors))
    await scene.run('two', { rows: [row(3)] })
    await scene.run('three', { rows: [row(4)] })
    const second = await run(scene)
    assert.deepEqual(second.bookmark, { source: scene.table, last: one, position: await head(scene) })
    assert.equal(second.rows.read, 2)
    assert.deepEqual(await ids(scene), ['1', '2', '3', '4'])
  })

  it('commits nothing when nothing is new, and says so', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    const before = await target(scene)
    const report = await run(scene)
    assert.equal(report.status, 'committed')
    assert.deepEqual(report.outputs, [])
    assert.equal(report.bookmark?.last, report.bookmark?.position)
    assert.deepEqual(await target(scene), before)
  })

  it('moves the bookmark with the rows or not at all', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    const before = await target(scene)
    await scene.run('two', { rows: [row(-2)] })
    assert.equal((await failure(run(scene))).code, 'validation-failed')
    assert.deepEqual(await target(scene), before)
  })

  it('moves the bookmark past commits that bring no rows', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    await scene.run('two', { rows: [] })
    const report = await run(scene)
    assert.equal(report.rows.read, 0)
    assert.equal((await target(scene)).bookmark, await head(scene))
  })

  it('lets only one of two runs at a time commit what both have read', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    await scene.run('two', { rows: [row(2)] })
    const slow = { ...job(scene) }
    const source = readIceberg(scene.table, { catalog: scene.catalog, since: lastCommitted })
    const { verify } = source
    let overtaken = false
    source.verify = async (...given) => {
      if (!overtaken) {
        overtaken = true
        await run(scene)
      }
      return await verify.apply(source, given)
    }
    const error = await failure(runJob({ ...slow, extract: source }, { state: join(scene.directory, 'other') }))
    assert.equal(error.code, 'target-moved')
    assert.match(
      error.message,
      /another run of the job has read lake\.silver\.customers since this one began\. Run again/,
    )
    assert.deepEqual(await ids(scene), ['1', '2'])
  })

  it('gives the first report again to whoever repeats its run id, and loads nothing twice', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    await scene.run('two', { rows: [row(2)] })
    const options = { state: join(scene.directory, 'state'), runId: 'today' }
    const first = await runJob(job(scene), options)
    assert.deepEqual((await runJob(job(scene), options)).toJSON(), first.toJSON())
    await scene.run('three', { rows: [row(3)] })
    assert.deepEqual((await runJob(job(scene), options)).toJSON(), first.toJSON())
    assert.deepEqual(await ids(scene), ['1', '2'])
    const other = await failure(runJob(job(scene, {}, { columns: ['id'] }), options))
    assert.equal(other.code, 'run-id-conflict')
    assert.equal((await runJob(job(scene), { ...options, runId: 'tomorrow' })).rows.read, 1)
  })

  it('may fail and run again under its id, whatever was appended meanwhile', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    await scene.run('two', { rows: [row(2)] })
    const options = { state: join(scene.directory, 'state'), runId: 'today' }
    const source = readIceberg(scene.table, { catalog: scene.catalog, since: lastCommitted })
    source.verify = async () => {
      throw new Error('the disk is on fire')
    }
    assert.notEqual((await failure(runJob({ ...job(scene), extract: source }, options))).code, 'run-id-conflict')
    await scene.run('three', { rows: [row(3)] })
    assert.equal((await runJob(job(scene), options)).rows.loaded, 2)
    assert.deepEqual(await ids(scene), ['1', '2', '3'])
  })

  it('says how to go on when rows were changed or the history is gone', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    await scene.run('two', { mode: 'overwrite', rows: [row(2)] })
    const error = await failure(run(scene))
    assert.equal(error.code, 'source-failed')
    assert.match(error.message, /\(overwrite\) changed rows.* Read the whole table once, without `since`/)
    // What the message says.
    await run(scene, { mode: 'overwrite' }, { since: undefined as never })
    await scene.run('three', { rows: [row(3)] })
    assert.equal((await run(scene)).rows.read, 1)
    assert.deepEqual(await ids(scene), ['2', '3'])
  })

  it('commits rows and bookmark once, whatever a catalog of REST answers', async () => {
    using box = sandbox('rest')
    await using server = await RestCatalogServer.start({ warehouse: `file://${box.path}` })
    using scene = new TableScene('lake.silver.customers', () => ({ type: 'rest', uri: server.uri, warehouse: 'wh' }))
    await scene.run('zero', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    const expected = ['1']
    for (const [index, fault] of COMMIT_FAULTS.entries()) {
      await scene.run(`${index}`, { rows: [row(index + 2)] })
      expected.push(`${index + 2}`)
      server.faults.push(fault)
      await run(scene)
      server.faults.length = 0
      await run(scene)
      assert.deepEqual(await ids(scene), expected, fault)
      assert.equal((await target(scene)).bookmark, await head(scene))
    }
  })

  it('shows in a preview what the next run will read', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await run(scene, { mode: 'create' })
    await scene.run('two', { rows: [row(2)] })
    const { rows } = await previewJob(job(scene))
    assert.deepEqual(
      rows.map(([id]) => id),
      [2n],
    )
  })

  it('needs a target that keeps bookmarks; others take the id of a snapshot', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const since = await head(scene)
    await scene.run('two', { rows: [row(2)] })
    const path = join(scene.directory, 'out.csv')
    const options = { state: join(scene.directory, 'state') }
    const error = await failure(runJob({ ...job(scene), load: writeCsv(path) }, options))
    assert.equal(error.code, 'job-invalid')
    assert.match(error.message, /out\.csv keeps no bookmark.*Load an Iceberg table, or name the snapshot yourself/)
    const report = await runJob({ ...job(scene, {}, { since }), load: writeCsv(path) }, options)
    assert.equal(report.rows.loaded, 1)
  })
})
