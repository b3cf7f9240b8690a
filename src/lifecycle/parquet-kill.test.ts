import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { CRASH_POINTS, type CrashPoint } from '../storage/crash-point.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { endOf, inParallel, startReal } from './testing/children.ts'
import { realInput } from './testing/real-input.ts'
import { runReal } from './testing/real-run.ts'
import { leftovers, readTarget, sandbox, unsettled } from './testing/sandbox.ts'

/** Late rejects are cut out, files are rolled, and one file is tied together out of two. */
describe('a run into Parquet that is killed', () => {
  for (const target of ['data/out.parquet', 'data/out/']) {
    it(`at any step leaves ${target} whole, and recovery settles it`, async () => {
      using inputs = sandbox('parquet-inputs')
      const [old, next] = ['old', 'next'].map((version) => {
        const path = join(inputs.path, version)
        realInput(path, version, { files: 2, rows: 400 })
        return path
      }) as [string, string]
      const run = (directory: string, input: string, runId: string) => {
        mkdirSync(join(directory, 'data'), { recursive: true })
        const places = { target: join(directory, target), state: join(directory, 'state') }
        return { ...places, input, runId, format: 'parquet' } as const
      }
      const committed = async (input: string) => {
        using box = sandbox('parquet-whole')
        await runReal(run(box.path, input, 'whole'))
        return readTarget(join(box.path, target))
      }
      const [whole, other] = [await committed(old), await committed(next)]
      assert.ok(whole !== null && whole !== other)
      let kills = 0
      await inParallel(CRASH_POINTS, 2, async (step: CrashPoint) => {
        using box = sandbox('parquet-kill')
        await runReal(run(box.path, old, 'run-1'))
        const { killed } = await endOf(startReal(run(box.path, next, 'run-2'), step))
        if (killed) kills++
        const { exitCode } = await recover({ state: stateDirectory(join(box.path, 'state')), log: silentLogger })
        assert.equal(exitCode, 0)
        const seen = readTarget(join(box.path, target))
        assert.ok(seen === whole || seen === other, `${step}: neither the old nor the new`)
        const published = seen === whole ? ['run-1'] : ['run-1', 'run-2']
        assert.deepEqual(leftovers(join(box.path, 'data'), published), [], step)
        assert.deepEqual(unsettled(join(box.path, 'state')), [], step)
      })
      assert.ok(kills > 10, `only ${kills} kills`)
    })
  }
})
