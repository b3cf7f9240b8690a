import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { WriteIcebergOptions } from '../sinks/iceberg.ts'
import { CRASH_POINTS, type CrashPoint } from '../storage/crash-point.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { endOf, inParallel, startReal } from './testing/children.ts'
import { IcebergScene } from './testing/iceberg-scene.ts'
import { realInput } from './testing/real-input.ts'
import { runReal } from './testing/real-run.ts'
import { sandbox, unsettled } from './testing/sandbox.ts'
import { TABLE_STEPS } from './testing/table-steps.ts'

/** Late rejects are taken out, rows are divided and files are rolled. */
const CASES: Readonly<Record<string, WriteIcebergOptions>> = {
  append: { mode: 'append' },
  overwrite: { mode: 'overwrite', partitionBy: ['bucket(40, id)'] },
  createOrReplace: { mode: 'createOrReplace', partitionBy: ['truncate(5, id)'] },
}

describe('a run into an Iceberg table that is killed', () => {
  for (const [name, options] of Object.entries(CASES)) {
    it(`at any step of ${name} leaves the rows from before or after, and recovery settles it`, async () => {
      using inputs = sandbox('iceberg-inputs')
      const [old, next] = ['old', 'next'].map((version) => {
        const path = join(inputs.path, version)
        realInput(path, version, { files: 2, rows: 400 })
        return path
      }) as [string, string]
      const run = (scene: IcebergScene, input: string, runId: string, more: WriteIcebergOptions = options) => {
        const iceberg = { ...more, catalog: scene.catalog }
        return { target: scene.table, state: scene.state, input, runId, iceberg }
      }
      const first = { ...options, mode: 'create' } as const
      using whole = new IcebergScene()
      await runReal(run(whole, old, 'run-1', first))
      const before = await rows(whole)
      await runReal(run(whole, next, 'run-2'))
      const after = await rows(whole)
      assert.ok(before.length > 500 && after.length > 500 && `${before}` !== `${after}`)

      let kills = 0
      await inParallel(TABLE_STEPS, 2, async (step: CrashPoint) => {
        using scene = new IcebergScene()
        await runReal(run(scene, old, 'run-1', first))
        const { killed } = await endOf(startReal(run(scene, next, 'run-2'), step))
        if (killed) kills++
        const atOnce = `${await rows(scene)}`
        assert.ok(atOnce === `${before}` || atOnce === `${after}`, `${step}: neither before nor after, before recovery`)
        const { exitCode } = await recover({ state: stateDirectory(scene.state), log: silentLogger })
        assert.equal(exitCode, 0)
        const seen = `${await rows(scene)}`
        assert.ok(seen === `${before}` || seen === `${after}`, `${step}: neither before nor after`)
        if (CRASH_POINTS.indexOf(step) >= CRASH_POINTS.indexOf('run-decided')) assert.equal(seen, `${after}`, step)
        assert.deepEqual(await orphans(scene), [], step)
        assert.deepEqual(unsettled(scene.state), [], step)
      })
      assert.ok(kills > 10, `only ${kills} kills`)
    })
  }

  it('while it makes its table leaves no table, or one that is whole', async () => {
    using inputs = sandbox('iceberg-inputs')
    realInput(inputs.path, 'first', { rows: 300 })
    await inParallel(TABLE_STEPS, 2, async (step: CrashPoint) => {
      using scene = new IcebergScene()
      const iceberg = { mode: 'create', catalog: scene.catalog } as const
      const places = { target: scene.table, state: scene.state, input: inputs.path }
      await endOf(startReal({ ...places, runId: 'run-1', iceberg }, step))
      assert.equal((await recover({ state: stateDirectory(scene.state), log: silentLogger })).exitCode, 0)
      const made = (await scene.metadata()) !== undefined
      if (made) assert.ok((await rows(scene)).length > 200, step)
      else assert.equal(existsSync(join(scene.directory, 'lake', 'silver', 'customers')), false, step)
      assert.deepEqual(await orphans(scene), [], step)
    })
  })
})

async function rows(scene: IcebergScene): Promise<readonly unknown[]> {
  return await scene.query('select * from FILES order by all')
}

/** Folders of runs that no snapshot names. */
async function orphans(scene: IcebergScene): Promise<readonly string[]> {
  const lists = ((await scene.metadata())?.snapshots ?? []).map((snapshot) => snapshot['manifest-list'] ?? '')
  const folders = globSync('lake/*/*/{data,metadata}/run-*', { cwd: scene.directory })
  return folders.filter((folder) => !lists.some((list) => list.includes(`/${folder.replace(/.*\//, '')}/`)))
}
