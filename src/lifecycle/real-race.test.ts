import assert from 'node:assert/strict'
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RunEvent } from '../context.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { appears, type ChildEnd, endOf, startReal } from './testing/children.ts'
import { realInput } from './testing/real-input.ts'
import { type RealRun, runReal } from './testing/real-run.ts'
import { textOf } from './testing/real-scene.ts'
import { leftovers, readTarget, sandbox, unsettled } from './testing/sandbox.ts'

describe('real runs beside others', () => {
  for (const target of ['out.csv', 'out/'] as const) {
    it(`onto ${target}: of two that race one commits, the other says that the target moved`, async () => {
      for (let round = 0; round < 5; round++) {
        using place = makePlace(target)
        const [a, b] = [place.held('a', 'RunJudged'), place.held('b', 'RunJudged')]
        await Promise.all([appears(a.ready), appears(b.ready)])
        a.release()
        b.release()
        const ends = await Promise.all([a.end, b.end])
        const won = ends.findIndex(({ result }) => result.status === 'committed')
        assert.equal(ends[1 - won]?.result.thrown, 'target-moved', JSON.stringify(ends[1 - won]?.result.message))
        assert.equal(ends[1 - won]?.result.exitCode, 4)
        const winner = won === 0 ? 'a' : 'b'
        assert.ok(readTarget(place.target) === place.text[winner])
        place.checkClean(`run-${winner}`)
      }
    })

    it(`onto ${target}: recovery leaves a live run alone, which then commits`, async () => {
      for (const at of ['RunPlanned', 'SplitStaged', 'RunJudged', 'RunDecided'] as const) {
        using place = makePlace(target)
        const run = place.held('a', at)
        await appears(run.ready)
        const { runs, exitCode } = await recover({ state: place.state, log: silentLogger })
        assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.runId], [0, 'live', 'run-a'])
        run.release()
        assert.equal((await run.end).result.status, 'committed')
        assert.ok(readTarget(place.target) === place.text.a)
        place.checkClean('run-a')
      }
    })

    it(`onto ${target}: a run that was decided long ago does not overwrite what another has committed since`, async () => {
      using place = makePlace(target)
      const run = place.held('a', 'RunDecided')
      await appears(run.ready)
      await runReal({ ...place.run('b'), runId: 'run-b' })
      run.release()
      const { result } = await run.end
      assert.deepEqual([result.thrown, result.report.status], ['target-moved', 'failed'])
      assert.ok(readTarget(place.target) === place.text.b)
      place.checkClean('run-b')
    })

    it(`onto ${target}: recovery of a decided run does not overwrite what somebody else has put there since`, async () => {
      using place = makePlace(target)
      const { killed } = await endOf(startReal(place.run('a'), 'run-decided'))
      assert.ok(killed)
      place.replace()
      const before = readTarget(place.target)
      const { runs } = await recover({ state: place.state, log: silentLogger })
      assert.deepEqual([runs[0]?.action, runs[0]?.status], ['finished', 'failed'])
      assert.equal(readTarget(place.target), before)
      place.checkClean()
    })
  }
})

function makePlace(target: 'out.csv' | 'out/') {
  const box = sandbox('real-race')
  const data = join(box.path, 'data')
  mkdirSync(data)
  const inputs = { a: join(box.path, 'a'), b: join(box.path, 'b') }
  const text = {
    a: textOf({ target }, realInput(inputs.a, 'a', { files: 2, rows: 300 })),
    b: textOf({ target }, realInput(inputs.b, 'b', { files: 2, rows: 300 })),
  }
  const state = stateDirectory(join(box.path, 'state'))
  const path = join(data, target)
  const run = (name: 'a' | 'b'): RealRun => ({
    input: inputs[name],
    target: path,
    state: state.path,
    runId: `run-${name}`,
  })
  return {
    target: path,
    state,
    text,
    run,
    held: (name: 'a' | 'b', at: RunEvent['type']) => hold(box.path, run(name), at),
    replace: () => replace(data, target),
    /** Of a directory the version of the run that committed stays, and nothing else. */
    checkClean: (...committed: readonly string[]) => {
      assert.deepEqual(leftovers(data, target === 'out/' ? committed : []), [])
      assert.deepEqual(unsettled(state.path), [])
    },
    [Symbol.dispose]: box[Symbol.dispose],
  }
}

function hold(directory: string, run: RealRun, at: RunEvent['type']) {
  const [ready, go] = [join(directory, `${run.runId}.ready`), join(directory, `${run.runId}.go`)]
  const end: Promise<ChildEnd> = endOf(startReal({ ...run, hold: { at, ready, go } }))
  return { ready, end, release: () => writeFileSync(go, '') }
}

/** As another program would: a file by rename, a directory by pointing the name elsewhere. */
function replace(data: string, target: string): void {
  const path = join(data, target).replace(/\/$/, '')
  if (target === 'out/') {
    mkdirSync(join(data, 'elsewhere'))
    writeFileSync(join(data, 'elsewhere', 'theirs.csv'), 'theirs')
    symlinkSync('elsewhere', `${path}.new`)
  } else writeFileSync(`${path}.new`, 'theirs')
  renameSync(`${path}.new`, path)
}
