import assert from 'node:assert/strict'
import { existsSync, globSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PreparedOutput } from '../target.ts'
import type { IcebergPlan } from './iceberg-plan.ts'
import { icebergTarget } from './iceberg-target.ts'
import { liveEntries, liveManifests } from './live-files.ts'
import { currentSchema, snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { row, TableScene } from './testing/table-scene.ts'

const target = icebergTarget()

async function live(metadata: TableMetadata | undefined, branch = 'main') {
  if (metadata === undefined) return { records: 0, files: [] as string[] }
  const manifests = await liveManifests(snapshotOfRef(metadata, branch))
  const entries = (await Promise.all(manifests.map((manifest) => liveEntries(manifest, metadata)))).flat()
  return {
    records: Number(entries.reduce((sum, { file }) => sum + file.records, 0n)),
    files: entries.map(({ file }) => file.path),
  }
}

function everything(directory: string): string[] {
  return globSync('**/*', { cwd: directory }).sort()
}

describe('an Iceberg table as a target', () => {
  it('is left alone by a plan', async () => {
    using scene = new TableScene()
    const plan = await icebergTarget({ catalog: scene.catalog, mode: 'create' }).plan(scene.table, {
      ...{ runId: 'one', stateDirectory: '/s', scratch: '/x' },
    })
    assert.deepEqual(everything(scene.directory), [])
    assert.equal(plan.path, 'lake.silver.customers')
  })

  it('shows nothing before the commit and everything after', async () => {
    using scene = new TableScene()
    const output = await scene.prepared('one', { mode: 'create', rows: [row(1), row(2)] })
    assert.equal(await scene.metadata(), undefined)
    assert.deepEqual(await target.commit(output), { outcome: 'committed' })
    await target.release(output.plan)
    const metadata = await scene.metadata()
    assert.equal((await live(metadata)).records, 2)
    assert.equal(snapshotOfRef(metadata as TableMetadata, 'main')?.summary['sluice.run-id'], 'one')
    assert.deepEqual(
      output.outputs.map(({ path, rows }) => [path, rows]),
      (await live(metadata)).files.map((path) => [path, 2]),
    )
  })

  it('is committed once, however often that is asked, also after a release', async () => {
    using scene = new TableScene()
    const output = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    for (let time = 0; time < 3; time++) assert.deepEqual(await target.commit(output), { outcome: 'committed' })
    await target.release(output.plan)
    await target.release(output.plan)
    assert.deepEqual(await target.commit(output), { outcome: 'committed' })
    assert.equal((await scene.metadata())?.snapshots?.length, 1)
    await target.abort(output.plan)
    for (const file of (await live(await scene.metadata())).files) assert.ok(existsSync(file.slice('file://'.length)))
  })

  it('takes appended rows though others have appended meanwhile', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const first = await scene.prepared('two', { rows: [row(2)] })
    const second = await scene.prepared('three', { rows: [row(3), row(4)] })
    assert.deepEqual(await target.commit(second), { outcome: 'committed' })
    assert.deepEqual(await target.commit(first), { outcome: 'committed' })
    const metadata = (await scene.metadata()) as TableMetadata
    assert.equal((await live(metadata)).records, 4)
    assert.equal(snapshotOfRef(metadata, 'main')?.summary['total-records'], '4')
    assert.equal(metadata['last-sequence-number'], 3n)
  })

  for (const mode of ['overwrite', 'createOrReplace'] as const) {
    it(`refuses to ${mode} what it has not seen`, async () => {
      using scene = new TableScene()
      await scene.run('one', { mode: 'create', rows: [row(1)] })
      const output = await scene.prepared('two', { mode, rows: [row(2)] })
      await scene.run('three', { rows: [row(3)] })
      const outcome = await target.commit(output)
      assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved', JSON.stringify(outcome))
      await target.abort(output.plan)
      assert.equal((await live(await scene.metadata())).records, 2)
      assert.equal(existsSync(output.plan.staging), false)
    })

    it(`replaces all rows by ${mode}, and names the old files as removed`, async () => {
      using scene = new TableScene()
      await scene.run('one', { mode: 'create', rows: [row(1), row(2)] })
      await scene.run('two', { rows: [row(3)] })
      assert.deepEqual(await scene.run('three', { mode, rows: [row(4)] }), { outcome: 'committed' })
      const metadata = (await scene.metadata()) as TableMetadata
      assert.equal((await live(metadata)).records, 1)
      const { summary } = snapshotOfRef(metadata, 'main') ?? { summary: {} as Record<string, string> }
      const { operation, 'deleted-records': deleted, 'total-records': total, 'total-data-files': files } = summary
      assert.deepEqual([operation, deleted, total, files], ['overwrite', '3', '1', '1'])
    })
  }

  it('is made once by two runs that both want to create it', async () => {
    using scene = new TableScene()
    const first = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    const second = await scene.prepared('two', { mode: 'createOrReplace', rows: [row(2)] })
    assert.deepEqual(await target.commit(second), { outcome: 'committed' })
    const outcome = await target.commit(first)
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved')
    await target.abort(first.plan)
    assert.equal((await live(await scene.metadata())).records, 1)
  })

  it('must be there to be appended to, and must not to be created', async () => {
    using scene = new TableScene()
    await assert.rejects(scene.planned('one', { rows: [] }), { code: 'target-not-adoptable', message: /no table/ })
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await assert.rejects(scene.planned('two', { mode: 'create', rows: [] }), {
      code: 'target-not-adoptable',
      message: /exists already/,
    })
    await assert.rejects(scene.planned('one', { rows: [] }), { code: 'run-id-conflict' })
  })

  it('keeps no trace of a run that was aborted, in whatever state', async () => {
    using scene = new TableScene()
    const created = await scene.prepared('zero', { mode: 'create', rows: [row(1)] })
    for (let time = 0; time < 2; time++) await target.abort(created.plan)
    assert.deepEqual(everything(join(scene.directory, 'lake', 'silver', 'customers')), [])
    assert.equal((await target.commit(created)).outcome, 'refused')
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const before = everything(scene.directory)
    const opened = await scene.planned('two', { rows: [] })
    const sealed = await scene.prepared('three', { rows: [row(2)] })
    for (const plan of [opened, sealed.plan]) for (let time = 0; time < 2; time++) await target.abort(plan)
    assert.deepEqual(everything(scene.directory), before)
    const lost = await target.commit(sealed)
    assert.ok(lost.outcome === 'refused' && lost.code === 'staged-lost')
    assert.equal((await live(await scene.metadata())).records, 1)
  })

  it('evolves with the rows, and keeps bookmark and rows in one commit', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [{ id: 1, name: 'a' }], columns: { id: 'int32', name: 'string' } })
    const columns = { name: 'string', id: 'int64', born: 'date' }
    const properties = { 'sluice.bookmark.orders': '41' }
    await scene.run('two', { rows: [{ id: 2n, name: 'b', born: 3 }], columns, properties, job: 'load' })
    const metadata = (await scene.metadata()) as TableMetadata
    assert.deepEqual(
      currentSchema(metadata).fields.map(({ id, name, type }) => [id, name, type]),
      [
        [1, 'id', 'long'],
        [2, 'name', 'string'],
        [3, 'born', 'date'],
      ],
    )
    assert.deepEqual(metadata.properties, { 'sluice.bookmark.orders': '41', 'sluice.last-run.load': 'two' })
    assert.equal(metadata['last-column-id'], 3)
  })

  it('refuses an append whose columns somebody else has changed', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [{ id: 1 }], columns: { id: 'int32' } })
    const evolving = await scene.prepared('two', { rows: [{ id: 2, a: 'x' }], columns: { id: 'int32', a: 'string' } })
    const plain = await scene.prepared('three', { rows: [{ id: 3 }], columns: { id: 'int32' } })
    await scene.run('four', { rows: [{ id: 2n, b: 'x' }], columns: { id: 'int64', b: 'string' } })
    const outcome = await target.commit(evolving)
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved')
    // Added and widened columns leave old files readable.
    assert.deepEqual(await target.commit(plain), { outcome: 'committed' })
  })

  it('has partitions, whose files lie in folders of their own', async () => {
    using scene = new TableScene()
    const partitionBy = ['region', 'day(ts)']
    await scene.run('one', { mode: 'create', partitionBy, rows: [row(1, 'EU'), row(2, 'a/b'), row(3, 'EU')] })
    const metadata = (await scene.metadata()) as TableMetadata
    const { files } = await live(metadata)
    assert.deepEqual(files.map((file) => /region=[^/]+\/ts_day=[^/]+/.exec(file)?.[0]).sort(), [
      'region=EU/ts_day=2026-01-02',
      'region=a%2Fb/ts_day=2026-01-02',
    ])
    assert.equal(snapshotOfRef(metadata, 'main')?.summary['changed-partition-count'], '2')
    await assert.rejects(scene.prepared('two', { partitionBy: ['ts'], rows: [row(9)] }), {
      message: /partitioned by identity of region, day of ts/,
    })
    // Replaced, it may have others; those before stay known.
    await scene.run('three', { mode: 'createOrReplace', rows: [row(4)], partitionBy: ['bucket(4, id)'] })
    const replaced = (await scene.metadata()) as TableMetadata
    assert.deepEqual(
      replaced['partition-specs'].map((spec) => spec.fields.map((field) => field['field-id'])),
      [[1000, 1001], [1002]],
    )
    assert.equal((await live(replaced)).records, 1)
  })

  it('keeps a branch apart until it is published', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await scene.run('two', { branch: 'audit', rows: [row(2)] })
    const metadata = (await scene.metadata()) as TableMetadata
    assert.equal((await live(metadata)).records, 1)
    assert.equal((await live(metadata, 'audit')).records, 2)
  })

  it('joins manifests once there are too many', async () => {
    using scene = new TableScene()
    await scene.run('r0', { mode: 'create', rows: [row(0)], properties: { 'commit.manifest.min-count-to-merge': '4' } })
    for (let run = 1; run < 10; run++) await scene.run(`r${run}`, { rows: [row(run)] })
    const metadata = (await scene.metadata()) as TableMetadata
    const manifests = await liveManifests(snapshotOfRef(metadata, 'main'))
    assert.ok(manifests.length <= 5, `${manifests.length}`)
    const entries = (await Promise.all(manifests.map((manifest) => liveEntries(manifest, metadata)))).flat()
    assert.equal(entries.length, 10)
    // Each file keeps the number and the snapshot that brought it.
    assert.deepEqual(
      entries.map(({ sequenceNumber }) => Number(sequenceNumber)).sort((a, b) => a - b),
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    )
    assert.equal(new Set(entries.map(({ snapshotId }) => snapshotId)).size, 10)
  })

  it('loses no run whose data files are gone but were committed', async () => {
    using scene = new TableScene()
    const output: PreparedOutput = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    await target.commit(output)
    rmSync((output.plan as IcebergPlan).staging, { recursive: true })
    assert.deepEqual(await target.commit(output), { outcome: 'committed' })
  })

  it('takes a run without rows, and remembers it', async () => {
    using scene = new TableScene()
    await scene.run('one', { mode: 'create', rows: [] })
    const metadata = (await scene.metadata()) as TableMetadata
    assert.deepEqual([currentSchema(metadata).fields.length, (await live(metadata)).records], [3, 0])
    await assert.rejects(scene.planned('one', { rows: [] }), { code: 'run-id-conflict' })
  })
})
