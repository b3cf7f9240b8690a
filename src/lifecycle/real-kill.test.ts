import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CRASH_POINTS, type CrashPoint, REMOTE_STEPS } from '../storage/crash-point.ts'
import { endOf, inParallel, startReal } from './testing/children.ts'
import { type Instant, instantOf, PHASES, type Phase, phaseOf, randomInstant, SEED } from './testing/instants.ts'
import { type RealInput, realInput } from './testing/real-input.ts'
import { type RealScene, type Stage, settleScene, setUpScene, watchTarget } from './testing/real-scene.ts'
import { sandbox } from './testing/sandbox.ts'

/** Of each scene, at least; more until every phase of a run was hit often enough, or the most were tried. */
const RANDOM_KILLS = 68
const MOST_KILLS = 120
const LARGE_KILLS = 12
/** So many random kills must land in each phase of a run, over all scenes. */
const LEAST_IN_PHASE = 5
/** Above 24 MiB of input a thread beside reads, writes and hashes. */
const LARGE_ROWS = 600_000
const LEAST_PASSES = 1000
const TOGETHER = 3
/** From which record on a random instant is drawn, and within how many milliseconds. */
const SMALL = [
  ['begun', 70],
  ['staged', 45],
  ['decided', 8],
  ['committed', 8],
] as const
const LARGE = [
  ['begun', 400],
  ['staged', 700],
  ['decided', 60],
] as const
let kills = 0
const hit = new Set<string>()
const landed = new Map<Phase, number>(PHASES.map((phase) => [phase, 0]))
/** What readers saw, by the target. */
const seen = { 'out.csv': { old: 0, next: 0 }, 'out/': { old: 0, next: 0 } }

const SCENES: RealScene[] = [
  { title: 'a new file', target: 'out.csv', before: false, files: 1, onInvalid: 'quarantine' },
  { title: 'an existing file', target: 'out.csv', before: true, files: 2, onInvalid: 'quarantine' },
  { title: 'an existing directory', target: 'out/', before: true, files: 3, onInvalid: 'quarantine' },
  { title: 'the old directory of an invalid run', target: 'out/', before: true, files: 1, onInvalid: 'fail' },
]

// Not `using`: the tests run when this module has ended.
const inputs = sandbox('real-inputs')
after(() => inputs[Symbol.dispose]())
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
      const enough = (tried: number) => tried >= RANDOM_KILLS && [...landed.values()].every((n) => n >= LEAST_IN_PHASE)
      await inParallel(
        until(enough, MOST_KILLS),
        TOGETHER,
        // The phases are of very different length, so each has instants of its own.
        (index) => killSometime(scene, 1500, randomInstant(index, SMALL)),
      )
    })

    it(`with the I/O thread at work leaves ${scene.title} whole, and recovery settles it`, async () => {
      await inParallel(
        until((tried) => tried >= LARGE_KILLS),
        2,
        (index) => killSometime(scene, LARGE_ROWS / scene.files, randomInstant(index, LARGE)),
      )
    })
  }

  after(() => {
    console.log(`# ${kills} real runs were killed; SLUICE_SEED=${SEED}`)
    console.log(`# random kills found runs ${[...landed].map(([phase, count]) => `${phase}: ${count}`).join(', ')}`)
    console.log(`# what readers saw: ${JSON.stringify(seen)}`)
    assert.ok(kills >= 200, `only ${kills} kills`)
    for (const [phase, count] of landed) assert.ok(count >= LEAST_IN_PHASE, `only ${count} random kills: ${phase}`)
    for (const { old, next } of Object.values(seen)) {
      assert.ok(old + next >= LEAST_PASSES, `only ${old + next} passes of readers`)
      assert.ok(old > 100 && next > 100, 'readers saw the old and the new data')
    }
    // A stream, an empty and a foreign directory are other scenes: see real-stream-kill.test.ts, kill.test.ts and
    // remote-kill.test.ts.
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
  tally(stage)
  await settleScene(stage)
}

async function killSometime(scene: RealScene, rows: number, instant: Instant): Promise<void> {
  using box = sandbox('real-kill')
  const stage = await stageOf(box.path, scene, rows)
  const child = startReal(stage.run)
  const end = watchTarget(endOf(child), stage)
  await instantOf(stage.run, instant, () => child.exitCode !== null)
  child.kill('SIGKILL')
  if ((await end).killed) {
    kills++
    const phase = phaseOf(stage.run)
    if (phase !== undefined) landed.set(phase, landed.get(phase)! + 1)
  }
  tally(stage)
  await settleScene(stage)
}

function tally({ scene, seen: { old, next } }: Stage): void {
  seen[scene.target].old += old
  seen[scene.target].next += next
}

function stageOf(directory: string, scene: RealScene, rows: number): Promise<Stage> {
  return setUpScene(directory, scene, {
    old: versionOf('old', scene.files, 300),
    next: versionOf('new', scene.files, rows),
  })
}

/** 0, 1, 2 … as long as it is not enough. */
function* until(enough: (tried: number) => boolean, most = Number.POSITIVE_INFINITY): Generator<number> {
  for (let index = 0; index < most && !enough(index); index++) yield index
}
