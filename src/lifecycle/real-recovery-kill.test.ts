import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { CRASH_POINTS, type CrashPoint } from '../storage/crash-point.ts'
import { endOf, inParallel, startReal } from './testing/children.ts'
import { realInput } from './testing/real-input.ts'
import { type RealScene, type Stage, settleScene, setUpScene, watchTarget } from './testing/real-scene.ts'
import { readTarget, sandbox } from './testing/sandbox.ts'

const TOGETHER = 3
const DELIVERY: CrashPoint[] = ['letters-started', 'letters-appended', 'letters-journaled']
const RECORDS: CrashPoint[] = ['audit-written', 'ledger-written', 'run-audited', 'run-settled']
/** What a recovery may pass. */
const STEPS = CRASH_POINTS.slice(CRASH_POINTS.indexOf('run-deciding'))
let kills = 0

interface Work {
  readonly what: string
  readonly onInvalid: RealScene['onInvalid']
  /** Where the run dies that is to be recovered. */
  readonly diedAt: CrashPoint
  readonly commits: boolean
  /** All steps of such a recovery. */
  readonly passes: readonly CrashPoint[]
}

const WORKS: Work[] = [
  {
    what: 'undoes a run',
    onInvalid: 'quarantine',
    diedAt: 'output-assembled',
    commits: false,
    passes: ['run-deciding', 'run-decided', 'staging-aborted', ...RECORDS],
  },
  {
    what: 'finishes a rejected run',
    onInvalid: 'fail',
    diedAt: 'run-decided',
    commits: false,
    passes: ['staging-aborted', ...DELIVERY, ...RECORDS],
  },
  {
    what: 'finishes a committed run',
    onInvalid: 'quarantine',
    diedAt: 'run-decided',
    commits: true,
    passes: [
      'target-locked',
      'target-switched',
      'target-unlocked',
      'outcome-journaled',
      'staging-released',
      ...DELIVERY,
      ...RECORDS,
    ],
  },
]

// Not `using`: the tests run when this module has ended.
const inputs = sandbox('recovery-inputs')
after(() => inputs[Symbol.dispose]())
const [old, next] = ['old', 'new'].map((version) => {
  const path = join(inputs.path, version)
  return { path, input: realInput(path, version, { files: 2, rows: 400 }) }
}) as [Parameters<typeof setUpScene>[2]['old'], Parameters<typeof setUpScene>[2]['next']]

describe('a recovery that is killed', () => {
  for (const [target, beforeThat] of [
    ['out.csv', [true]],
    ['out/', [true, false]],
  ] as const) {
    for (const before of beforeThat) {
      for (const work of WORKS) {
        const there = before ? 'an old' : 'no'
        it(`at any step while it ${work.what}, with ${there} ${target} there, is completed by the next one`, async () => {
          const scene = { title: '', target, before, files: 2, onInvalid: work.onInvalid }
          const passed = new Set<CrashPoint>()
          await inParallel(STEPS, TOGETHER, async (step) => {
            if (await killRecovery(scene, work, step)) passed.add(step)
          })
          const link: CrashPoint[] = target === 'out/' && before && work.commits ? ['link-prepared'] : []
          assert.deepEqual(
            STEPS.filter((step) => passed.has(step)),
            STEPS.filter((step) => [...work.passes, ...link].includes(step)),
          )
        })
      }
    }
  }

  after(() => {
    console.log(`# ${kills} recoveries were killed`)
    assert.ok(kills >= 75, `only ${kills} kills`)
  })
})

async function killRecovery(scene: RealScene, { diedAt, commits }: Work, step: CrashPoint): Promise<boolean> {
  using box = sandbox('recovery-kill')
  const stage: Stage = await setUpScene(box.path, scene, { old, next })
  assert.ok((await watchTarget(endOf(startReal(stage.run, diedAt)), stage)).killed)
  const { killed } = await watchTarget(endOf(startReal({ ...stage.run, mode: 'recover' }, step)), stage)
  if (killed) kills++
  await settleScene(stage)
  // No `equal`: it would print both.
  assert.ok(readTarget(stage.run.target) === (commits ? stage.next : stage.old), 'the verdict stands')
  return killed
}
