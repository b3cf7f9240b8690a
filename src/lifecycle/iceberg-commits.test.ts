import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { readRows } from '../sources/rows.ts'
import type { WriteMode } from '../storage/iceberg/table-commit.ts'
import { COMMIT_FAULTS, type CommitFault, RestCatalogServer } from '../storage/iceberg/testing/rest-catalog-server.ts'
import { silentLogger } from './logger.ts'
import { publishBranch } from './publish-branch.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { IcebergScene } from './testing/iceberg-scene.ts'
import { unsettled } from './testing/sandbox.ts'

before(() => {
  process.env['SLUICE_CATALOG_TIMEOUT_MS'] = '300'
})

function rows(...ids: readonly number[]) {
  return { extract: readRows(ids.map((id) => ({ id, region: 'EU' }))) }
}

async function ids(scene: IcebergScene, branch = 'main'): Promise<string> {
  return (await scene.query('select id::int from FILES order by id', { branch })).flat().join(' ')
}

class RestScene extends IcebergScene {
  readonly server: RestCatalogServer

  private constructor(server: RestCatalogServer) {
    super('lake.silver.customers', { type: 'rest', uri: server.uri, warehouse: 'wh' })
    this.server = server
  }

  static async start(): Promise<RestScene> {
    // Its place is known only then.
    const options = { warehouse: '' }
    const scene = new RestScene(await RestCatalogServer.start(options))
    options.warehouse = `file://${scene.directory}/lake`
    return scene
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]()
    this[Symbol.dispose]()
  }
}

const MODES: Readonly<Record<WriteMode, string>> = {
  append: '1 2 3',
  overwrite: '2 3',
  create: '2 3',
  createOrReplace: '2 3',
}

describe('a run into a table of a REST catalog', () => {
  for (const [mode, wanted] of Object.entries(MODES)) {
    for (const fault of COMMIT_FAULTS) {
      it(`of ${mode} commits exactly once through ${fault}`, async () => {
        await using scene = await RestScene.start()
        if (mode !== 'create') await scene.run(rows(1), { mode: 'create' })
        scene.server.faults.push(fault)
        const report = await scene.run(rows(2, 3), { mode: mode as WriteMode }, { runId: 'again' })
        assert.equal(report.status, 'committed')
        assert.equal(await ids(scene), wanted)
        assert.equal((await scene.metadata())?.snapshots?.length, mode === 'create' ? 1 : 2)
        assert.deepEqual(unsettled(scene.state), [])
      })
    }
  }

  it('that is forbidden fails cleanly: no file stays, and the table is as it was', async () => {
    await using scene = await RestScene.start()
    await scene.run(rows(1), { mode: 'create' })
    const before = scene.files()
    scene.server.faults.push('403')
    await assert.rejects(scene.run(rows(2)), { code: 'target-not-writable', message: /403 ForbiddenException/ })
    assert.equal(await ids(scene), '1')
    assert.deepEqual(scene.files(), before)
    assert.deepEqual(unsettled(scene.state), [])
  })

  it('of which nothing is heard any more is in doubt, and settled when the catalog answers again', async () => {
    await using scene = await RestScene.start()
    await scene.run(rows(1), { mode: 'create' })
    scene.server.faults.push(...Array<CommitFault>(20).fill('500-before'))
    await assert.rejects(scene.run(rows(2)), { code: 'in-doubt' })
    scene.server.faults.length = 0
    const { exitCode } = await recover({ state: stateDirectory(scene.state), log: silentLogger })
    assert.equal(exitCode, 0)
    assert.equal(await ids(scene), '1 2')
    assert.deepEqual(unsettled(scene.state), [])
  })
})

describe('runs that race for a table', () => {
  it('all commit when they append', async () => {
    using scene = new IcebergScene()
    await scene.run(rows(0), { mode: 'create' })
    await Promise.all([1, 2, 3, 4].map((id) => scene.run(rows(id), {}, { state: `${scene.directory}/state-${id}` })))
    assert.equal(await ids(scene), '0 1 2 3 4')
  })

  it('are one that commits and others that fail with `target-moved` when they overwrite', async () => {
    using scene = new IcebergScene()
    await scene.run(rows(0), { mode: 'create' })
    const ends = await Promise.allSettled(
      [1, 2, 3].map((id) => scene.run(rows(id), { mode: 'overwrite' }, { state: `${scene.directory}/state-${id}` })),
    )
    const failed = ends.flatMap((end) => (end.status === 'rejected' ? [(end.reason as SluiceError).code] : []))
    assert.deepEqual(failed, ['target-moved', 'target-moved'])
    assert.equal(await ids(scene), `${1 + ends.findIndex(({ status }) => status === 'fulfilled')}`)
  })

  it('give the first report again when the run id is the same', async () => {
    using scene = new IcebergScene()
    const again = { runId: 'same', identity: 'same' }
    await scene.run(rows(1), { mode: 'create' }, again)
    const report = await scene.run(rows(1), { mode: 'create' }, again)
    assert.equal(report.status, 'committed')
    assert.equal((await scene.metadata())?.snapshots?.length, 1)
  })
})

describe('a run that is only checked', () => {
  it('leaves the table as it was, and makes none', async () => {
    using scene = new IcebergScene()
    const report = await scene.run(rows(1), { mode: 'create' }, { dryRun: true })
    assert.equal(report.status, 'checked')
    assert.deepEqual(scene.files(), [])
    assert.equal(await scene.metadata(), undefined)
    await scene.run(rows(1), { mode: 'create' })
    const before = scene.files()
    await scene.run(rows(2), { mode: 'overwrite' }, { dryRun: true })
    assert.deepEqual(scene.files(), before)
  })
})

describe('a branch that is audited', () => {
  for (const fault of [undefined, ...COMMIT_FAULTS]) {
    it(`becomes main in one commit through ${fault ?? 'nothing'}`, async () => {
      await using scene = await RestScene.start()
      const { catalog } = scene
      await scene.run(rows(1), { mode: 'create' })
      await scene.run(rows(2, 3), { mode: 'overwrite', branch: 'audit' })
      assert.deepEqual([await ids(scene), await ids(scene, 'audit')], ['1', '2 3'])
      if (fault !== undefined) scene.server.faults.push(fault)
      await publishBranch(scene.table, 'audit', { catalog })
      assert.equal(await ids(scene), '2 3')
      assert.deepEqual(Object.keys((await scene.metadata())?.refs ?? {}), ['main'])
    })
  }

  it('is not published over what others wrote to main', async () => {
    using scene = new IcebergScene()
    const { catalog } = scene
    await scene.run(rows(1), { mode: 'create' })
    await scene.run(rows(2), { branch: 'audit' })
    await scene.run(rows(3))
    await assert.rejects(publishBranch(scene.table, 'audit', { catalog }), { code: 'target-moved' })
    assert.equal(await ids(scene), '1 3')
  })

  it('is refused, with what is wrong, where table, branch or name are not there', async () => {
    using scene = new IcebergScene()
    const { catalog } = scene
    await scene.run(rows(1), { mode: 'create' })
    const refused = (table: unknown, branch: unknown, code: string, message: RegExp) => {
      return assert.rejects(publishBranch(table as string, branch as string, { catalog }), { code, message })
    }
    await refused('lake.silver.other', 'audit', 'target-not-adoptable', /there is no table silver\.other/)
    await refused(scene.table, 'adit', 'target-moved', /not among its branches, main/)
    for (const name of [undefined, null, 5, {}, 'orders']) await refused(name, 'a', 'job-invalid', /no name of a table/)
    for (const name of [undefined, '']) await refused(scene.table, name, 'job-invalid', /name the branch/)
  })

  it('does not replace the columns of main', async () => {
    using scene = new IcebergScene()
    await scene.run(rows(1), { mode: 'create' })
    const replacing = scene.run(rows(2), { mode: 'createOrReplace', branch: 'audit' })
    await assert.rejects(replacing, { code: 'target-not-adoptable', message: /would change main as well/ })
    assert.equal(await ids(scene), '1')
  })
})
