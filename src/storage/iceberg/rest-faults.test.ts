import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CommitOutcome } from '../target.ts'
import { icebergTarget } from './iceberg-target.ts'
import { liveManifests } from './live-files.ts'
import { openCatalog } from './planned-catalog.ts'
import { publishBranch } from './publish-branch.ts'
import type { Requirement, Update } from './table-change.ts'
import { snapshotOfRef, type TableMetadata } from './table-metadata.ts'
import { parseTableName } from './table-name.ts'
import {
  COMMIT_FAULTS,
  type CommitFault,
  RestCatalogServer,
  type RestServerOptions,
} from './testing/rest-catalog-server.ts'
import { row, type SceneRun, TableScene } from './testing/table-scene.ts'

before(() => {
  process.env['SLUICE_CATALOG_TIMEOUT_MS'] = '300'
})

class RestScene extends TableScene {
  readonly server: RestCatalogServer

  private constructor(server: RestCatalogServer) {
    super('lake.silver.eu.customers', () => ({ type: 'rest', uri: server.uri, warehouse: 'wh' }))
    this.server = server
  }

  static async start(options: Partial<RestServerOptions> = {}): Promise<RestScene> {
    const warehouse = `file://${realpathSync(mkdtempSync(join(tmpdir(), 'sluice-rest-')))}`
    return new RestScene(await RestCatalogServer.start({ warehouse, ...options }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    this[Symbol.dispose]()
  }
}

async function records(made: TableScene, branch = 'main'): Promise<number> {
  const metadata = await made.metadata()
  if (metadata === undefined) return 0
  const manifests = await liveManifests(snapshotOfRef(metadata, branch))
  return Number(manifests.reduce((sum, { rows }) => sum + rows.added + rows.existing, 0n))
}

interface Case {
  readonly run: SceneRun
  readonly rows: number
  /** The table is there. */
  readonly first: boolean
  readonly server?: Partial<RestServerOptions>
}

/** Commits, each in its state of the table, and how many rows main has after them. */
const CASES: Readonly<Record<string, Case>> = {
  append: { run: { rows: [row(2), row(3)] }, rows: 3, first: true },
  overwrite: { run: { mode: 'overwrite', rows: [row(2), row(3)] }, rows: 2, first: true },
  createOrReplace: { run: { mode: 'createOrReplace', rows: [row(2), row(3)] }, rows: 2, first: true },
  create: { run: { mode: 'create', rows: [row(2), row(3)] }, rows: 2, first: false },
  'create where tables are made at once': {
    run: { mode: 'create', rows: [row(2), row(3)] },
    rows: 2,
    first: false,
    server: { noStages: true },
  },
  'an append to a branch': { run: { branch: 'audit', rows: [row(2), row(3)] }, rows: 1, first: true },
}

describe('a commit to a REST catalog', () => {
  for (const [name, { run, rows, first, server = {} }] of Object.entries(CASES)) {
    for (const fault of [undefined, ...COMMIT_FAULTS]) {
      for (const idempotent of [false, true]) {
        it(`of ${name} is made exactly once through ${fault ?? 'nothing'}${idempotent ? ' of a server that remembers' : ''}`, async () => {
          await using scene = await RestScene.start({ idempotent, ...server })
          if (first) await scene.run('one', { mode: 'create', rows: [row(1)] })
          const output = await scene.prepared('two', run)
          scene.server.faults.push(fault)
          const outcome = await icebergTarget().commit(output)
          // A conflict that was none is tried again; so is what was not applied.
          assert.deepEqual(outcome, { outcome: 'committed' })
          assert.deepEqual(await icebergTarget().commit(output), outcome)
          assert.equal(await records(scene), rows)
          assert.equal(await records(scene, run.branch), run.branch === undefined ? rows : 3)
          if (fault === 'silent-late') await sleep(350)
          assert.equal((await scene.metadata())?.snapshots?.length, first ? 2 : 1)
          for (const { path } of output.outputs) assert.ok(existsSync(path.slice('file://'.length)))
        })
      }
    }
  }

  it('is in doubt when nothing is heard any more, deletes nothing, and is settled later', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const output = await scene.prepared('two', { rows: [row(2)] })
    scene.server.faults.push(...Array<CommitFault>(20).fill('500-before'))
    await assert.rejects(icebergTarget().commit(output), { code: 'in-doubt' })
    scene.server.faults.length = 0
    for (const { path } of output.outputs) assert.ok(existsSync(path.slice('file://'.length)))
    assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
    assert.equal(await records(scene), 2)
  })

  it('keeps all that a commit names which nobody knows of, when a later attempt is forbidden', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const output = await scene.prepared('two', { rows: [row(2)] })
    scene.server.faults.push('late', '403')
    await assert.rejects(icebergTarget().commit(output), { code: 'in-doubt' })
    assert.equal(await records(scene), 2)
    assert.deepEqual(await icebergTarget().commit(output), { outcome: 'committed' })
  })

  it('of an overwrite fails cleanly when others wrote after an answer that was lost', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const output = await scene.prepared('two', { mode: 'overwrite', rows: [row(2)] })
    await scene.run('three', { rows: [row(3)] })
    scene.server.faults.push('500-before')
    const outcome: CommitOutcome = await icebergTarget().commit(output)
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-moved')
    await icebergTarget().abort(output.plan)
    assert.equal(await records(scene), 2)
    for (const { path } of output.outputs) assert.equal(existsSync(path.slice('file://'.length)), false)
  })

  it('is refused for good where the catalog forbids it, with its words', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const output = await scene.prepared('two', { rows: [row(2)] })
    scene.server.faults.push('403')
    const outcome = await icebergTarget().commit(output)
    assert.ok(outcome.outcome === 'refused' && outcome.code === 'target-not-writable')
    assert.match(
      outcome.reason,
      /silver\.eu\.customers at the catalog lake .*403 ForbiddenException: not yours.*permitted/,
    )
  })

  it('is refused when the table is gone', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const output = await scene.prepared('two', { rows: [row(2)] })
    scene.server.tables.clear()
    const outcome = await icebergTarget().commit(output)
    assert.ok(outcome.outcome === 'refused' && /gone/.test(outcome.reason))
  })

  it('leaves nothing where the catalog put a new table whose run is undone', async () => {
    await using scene = await RestScene.start()
    const output = await scene.prepared('one', { mode: 'create', rows: [row(1)] })
    const [file] = output.outputs
    const path = (file?.path ?? '').slice('file://'.length)
    assert.ok(existsSync(path))
    for (let time = 0; time < 2; time++) await icebergTarget().abort(output.plan)
    assert.equal(existsSync(join(path, '../../..')), false)
    assert.equal(await scene.metadata(), undefined)
  })

  it('of a new table waits for a catalog that is busy, which may be asked to stage it again', async () => {
    await using scene = await RestScene.start()
    scene.server.failingCreates = 2
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    assert.equal(await records(scene), 1)
  })
})

describe('publishing a branch', () => {
  const times = [undefined, ...COMMIT_FAULTS].flatMap((fault) =>
    [false, true].map((idempotent) => ({ fault, idempotent })),
  )
  for (const { fault, idempotent } of times) {
    const memory = idempotent ? ' of a server that remembers' : ''
    it(`makes it main exactly once through ${fault ?? 'nothing'}${memory}`, async () => {
      await using scene = await RestScene.start({ idempotent })
      await scene.run('one', { mode: 'create', rows: [row(1)] })
      await scene.run('two', { branch: 'audit', mode: 'overwrite', rows: [row(2), row(3)] })
      assert.deepEqual([await records(scene), await records(scene, 'audit')], [1, 2])
      const { catalog: name, ...table } = parseTableName(scene.table)
      const catalog = await openCatalog(name, scene.catalog)
      scene.server.faults.push(fault)
      await publishBranch(catalog, table, 'audit')
      await catalog.close()
      if (fault === 'silent-late') await sleep(350)
      assert.equal(await records(scene), 2)
      assert.deepEqual(Object.keys((await scene.metadata())?.refs ?? {}), ['main'])
    })
  }

  it('of main, or a tag, is refused: it would end it', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    const { catalog: name, ...table } = parseTableName(scene.table)
    const catalog = await openCatalog(name, scene.catalog)
    await assert.rejects(publishBranch(catalog, table, 'main'), { code: 'job-invalid' })
    const id = snapshotOfRef((await scene.metadata()) as TableMetadata, 'main')?.['snapshot-id'] as bigint
    const requirements: Requirement[] = [
      { type: 'assert-table-uuid', uuid: (await scene.metadata())?.['table-uuid'] as string },
      { type: 'assert-ref-snapshot-id', ref: 'v1', 'snapshot-id': null },
    ]
    const tag: Update = { action: 'set-snapshot-ref', 'ref-name': 'v1', type: 'tag', 'snapshot-id': id }
    assert.deepEqual(await catalog.commit(table, { requirements, updates: [tag] }, 'k'), { outcome: 'committed' })
    await assert.rejects(publishBranch(catalog, table, 'v1'), { code: 'target-moved', message: /is a tag/ })
    await catalog.close()
    assert.deepEqual(Object.keys((await scene.metadata())?.refs ?? {}), ['main', 'v1'])
  })

  it('is refused when main has moved, and when there is no such branch', async () => {
    await using scene = await RestScene.start()
    await scene.run('one', { mode: 'create', rows: [row(1)] })
    await scene.run('two', { branch: 'audit', rows: [row(2)] })
    await scene.run('three', { rows: [row(3)] })
    const { catalog: name, ...table } = parseTableName(scene.table)
    const catalog = await openCatalog(name, scene.catalog)
    await assert.rejects(publishBranch(catalog, table, 'audit'), { code: 'target-moved', message: /main has moved/ })
    await assert.rejects(publishBranch(catalog, table, 'other'), {
      code: 'target-moved',
      message: /not among its branches, audit, main/,
    })
    await catalog.close()
    assert.equal(await records(scene), 2)
  })
})
