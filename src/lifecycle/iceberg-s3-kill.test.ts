import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { WriteIcebergOptions } from '../sinks/iceberg.ts'
import { CRASH_POINTS, type CrashPoint } from '../storage/crash-point.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { endOf, inParallel, startReal } from './testing/children.ts'
import { LakeOnS3 } from './testing/lakes-on-s3.ts'
import { realInput } from './testing/real-input.ts'
import { runReal } from './testing/real-run.ts'
import { unsettled } from './testing/sandbox.ts'
import { TABLE_STEPS } from './testing/table-steps.ts'

/** Late rejects are taken out, rows are divided and files are rolled. */
const MODES: Readonly<Record<string, WriteIcebergOptions>> = {
  append: { mode: 'append' },
  overwrite: { mode: 'overwrite', partitionBy: ['bucket(4, id)'] },
  create: { mode: 'create' },
}

const LAKES = { 'a SQL catalog': LakeOnS3.ofSql, 'a REST catalog that vends credentials': LakeOnS3.ofRest }

for (const [name, start] of Object.entries(LAKES)) {
  describe(`a run into a table on S3 of ${name} that is killed`, () => {
    let lake: LakeOnS3
    let inputs: readonly [string, string]
    before(async () => {
      lake = await start()
      inputs = [join(lake.path, 'old'), join(lake.path, 'next')]
      for (const path of inputs) realInput(path, path.endsWith('old') ? 'old' : 'next', { rows: 300 })
    })
    after(() => lake[Symbol.asyncDispose]())

    for (const [mode, options] of Object.entries(MODES)) {
      it(`at any step of ${mode} leaves the rows from before or after, and recovery settles it`, async () => {
        const run = (target: string, input: string, runId: string, more: WriteIcebergOptions = options) => {
          const state = join(lake.path, target)
          return { target, state, input, runId, iceberg: { fileBytes: 8000, ...more, catalog: lake.catalog } }
        }
        const start = async (table: string) => {
          if (mode !== 'create') await runReal(run(table, inputs[0], 'run-1', { ...options, mode: 'create' }))
        }
        const whole = `lake.silver.${mode}_whole`
        await start(whole)
        const before = await lake.rows(whole)
        await runReal(run(whole, inputs[1], 'run-2'))
        const after = await lake.rows(whole)
        assert.ok(after !== undefined && after.length > 5000 && before !== after)
        assert.deepEqual(await lake.orphans(whole), [])

        let kills = 0
        let left = 0
        await inParallel(TABLE_STEPS, 2, async (step: CrashPoint) => {
          const table = `lake.silver.${mode}_${step.replaceAll('-', '_')}`
          await start(table)
          const again = run(table, inputs[1], 'run-2')
          if ((await endOf(startReal(again, step))).killed) kills++
          const atOnce = await lake.rows(table)
          assert.ok(atOnce === before || atOnce === after, `${step}: neither before nor after, before recovery`)
          if ((await lake.orphans(table)).length > 0) left++
          lake.expire()
          const { exitCode } = await recover({ state: stateDirectory(again.state), log: silentLogger })
          assert.equal(exitCode, 0, step)
          const seen = await lake.rows(table)
          assert.ok(seen === before || seen === after, `${step}: neither before nor after`)
          if (CRASH_POINTS.indexOf(step) >= CRASH_POINTS.indexOf('run-decided')) assert.equal(seen, after, step)
          assert.deepEqual(await lake.orphans(table), [], step)
          assert.deepEqual(unsettled(again.state), [], step)
        })
        assert.ok(kills > 10, `only ${kills} kills`)
        assert.ok(left > 2, `only ${left} kills left something to undo or to finish`)
      })
    }
  })
}
