import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CRASH_POINTS, type CrashPoint, REMOTE_STEPS } from '../storage/crash-point.ts'
import { endOf, inParallel, pause, startReal } from './testing/children.ts'
import { type RealInput, realInput } from './testing/real-input.ts'
import { type RealScene, type Stage, settleScene, setUpScene, watchTarget } from './testing/real-scene.ts'
import { sandbox } from './testing/sandbox.ts'

const RANDOM_KILLS = 40
const LARGE_KILLS = 10
/** Above 24 MiB of input a thread beside reads, writes and hashes. */
const LARGE_ROWS = 600_000
const TOGETHER = 3
let kills = 0
const hit = new Set<string>()

const SCENES: RealScene[] = [
  { title: 'a new file', target: 'out.csv', before: false, files: 1, onInvalid: 'quarantine' },
  { title: 'an existing file', target: 'out.csv', before: true, files: 2, onInvalid: 'quarantine' },
  { title: 'an existing directory', target: 'out/', before: true, files: 3, onInvalid: 'quarantine' },
  { title: 'the old directory of an invalid run', target: 'out/', before: true, files: 1, onInvalid: 'fail' },
]

using inputs = sandbox('real-inputs')
const inputOf = new Map<string, RealInput>()

/** Inputs are made once, for they do not change. */
function versionOf(version: string, files: number, rows: number): { readonly path: string; readonly input: RealInput } {
  const path = join(inputs.path, `${version}-${files}-${rows}`)
  const input = inputOf.get(path) ?? realInput(path, version, { files, rows })
  inputOf.set(path, input)
  return { path, input }
}

describe('a real run that is killed', () => {
  for (const scene of SCENES) {
    it(`at any step leaves ${scene.title} whole, and recovery settles it`, async () => {
      await inParallel(CRASH_POINTS, TOGETHER, (step) => killAt(scene, step))
    })
  }

  for (const scene of SCENES.filter(({ before }) => before).slice(0, 2)) {
    it(`at a random instant leaves ${scene.title} whole, and recovery settles it`, async () => {
      await inParallel(moments(RANDOM_KILLS), TOGETHER, () => killSometime(scene, 1500, 60))
    })

    it(`with the I/O thread at work leaves ${scene.title} whole, and recovery settles it`, async () => {
      await inParallel(moments(LARGE_KILLS), 2, () => killSometime(scene, LARGE_ROWS / scene.files, 900))
    })
  }

  after(() => {
    console.log(`# ${kills} real runs were killed`)
    assert.ok(kills >= 130, `only ${kills} kills`)
    // A stream, an empty and a foreign directory are other scenes: see kill.test.ts and remote-kill.test.ts.
    const elsewhere = ['stream-delivering', 'target-adopted', 'target-cleared', ...REMOTE_STEPS]
    const missed = CRASH_POINTS.filter((step) => !hit.has(step) && !elsewhere.includes(step))
    assert.deepEqual(missed, [], 'every step was killed at')
  })
})

async function killAt(scene: RealScene, step: CrashPoint): Promise<void> {
  using box = sandbox('real-kill')
  const stage = await stageOf(box.path, scene, 400)
  const { killed } = await watchTarget(endOf(startReal(stage.run, step)), stage)
  if (killed) {
    kills++
    hit.add(step)
  }
  await settleScene(stage)
}

async function killSometime(scene: RealScene, rows: number, within: number): Promise<void> {
  using box = sandbox('real-kill')
  const stage = await stageOf(box.path, scene, rows)
  const child = startReal(stage.run)
  const end = watchTarget(endOf(child), stage)
  // Not before it began to work: a process that is only starting proves nothing.
  while (!existsSync(join(stage.run.state, 'runs', 'run-2')) && child.exitCode === null) await pause(1)
  await pause(Math.random() * within)
  child.kill('SIGKILL')
  if ((await end).killed) kills++
  await settleScene(stage)
}

function stageOf(directory: string, scene: RealScene, rows: number): Promise<Stage> {
  return setUpScene(directory, scene, {
    old: versionOf('old', scene.files, 300),
    next: versionOf('new', scene.files, rows),
  })
}

function moments(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index)
}
