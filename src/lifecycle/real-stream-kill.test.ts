import assert from 'node:assert/strict'
import type { ChildProcess } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { SeededRandom } from '../../fixtures/seeded-random.ts'
import { CRASH_POINTS, type CrashPoint } from '../storage/crash-point.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { inParallel, startReal } from './testing/children.ts'
import { SEED } from './testing/instants.ts'
import { type RealInput, realInput } from './testing/real-input.ts'
import type { RealRun } from './testing/real-run.ts'
import { textOf } from './testing/real-scene.ts'
import { sandbox, unsettled } from './testing/sandbox.ts'

const TOGETHER = 3
const MID_KILLS = 12
let kills = 0

// Not `using`: the tests run when this module has ended.
const inputs = sandbox('stream-inputs')
after(() => inputs[Symbol.dispose]())
const small = realInput(join(inputs.path, 'small'), 'new', { files: 2, rows: 400 })
const large = realInput(join(inputs.path, 'large'), 'new', { files: 1, rows: 60_000 })

describe('a run into a stream that is killed', () => {
  it('at any step is told for what it is, delivers nothing again, and keeps its letters', async () => {
    const hit = new Set<CrashPoint>()
    await inParallel(CRASH_POINTS, TOGETHER, async (step) => {
      using box = sandbox('stream-kill')
      const run = runIn(box.path, 'small')
      const { killed, text } = await output(startReal(run, step))
      if (killed) hit.add(step)
      const status = statusAfter(killed ? step : 'run-settled')
      assert.ok(text === (status === 'committed' ? textOf({ target: 'out.csv' }, small) : ''), `at ${step}`)
      await settle(run, small, { status, decided: !killed || isBehind(step, 'run-decided') })
    })
    const steps: CrashPoint[] = ['run-planned', 'split-staged', 'run-decided', 'stream-delivering', 'target-switched']
    assert.deepEqual(
      [...steps, 'letters-appended', 'audit-written', 'run-settled'].filter((step) => !hit.has(step as CrashPoint)),
      [],
    )
  })

  it('while a reader is in the middle has given it a whole beginning, and is in doubt for ever', async () => {
    const expected = textOf({ target: 'out.csv' }, large)
    await inParallel(Array(MID_KILLS).keys(), TOGETHER, async (index) => {
      using box = sandbox('stream-kill')
      const run = runIn(box.path, 'large')
      const child = startReal(run)
      const { killed, text } = await output(child, new SeededRandom(SEED + index).below(expected.length / 2))
      assert.ok(killed)
      assert.ok(text.length > 0 && text.length < expected.length, `${text.length} characters`)
      assert.ok(expected.startsWith(text))
      await settle(run, large, { status: 'in_doubt', decided: true })
    })
  })

  after(() => {
    console.log(`# ${kills} runs into a stream were killed; SLUICE_SEED=${SEED}`)
    assert.ok(kills >= 30, `only ${kills} kills`)
  })
})

function runIn(directory: string, input: 'small' | 'large'): RealRun {
  const [state, deadLetters] = [join(directory, 'state'), join(directory, 'dead.jsonl')]
  return { input: join(inputs.path, input), target: '-', state, runId: 'run', deadLetters }
}

/** What a reader got. With `most` it takes no more than so many bytes, then kills. */
async function output(
  child: ChildProcess,
  most?: number,
): Promise<{ readonly killed: boolean; readonly text: string }> {
  const ended = new Promise<string | null>((done) => child.on('exit', (_code, signal) => done(signal)))
  let text = ''
  child.stdout!.setEncoding('utf8')
  for await (const some of child.stdout!) {
    text += some
    if (most === undefined || text.length <= most || child.killed) continue
    // The writer goes on until the pipe is full.
    await wait(5)
    child.kill('SIGKILL')
  }
  const killed = (await ended) === 'SIGKILL'
  if (killed) kills++
  return { killed, text }
}

type Status = 'failed' | 'in_doubt' | 'committed'

/** Of a stream nobody can take anything back, nor ask it what it has got. */
function statusAfter(step: CrashPoint): Status {
  if (step === 'stream-delivering') return 'in_doubt'
  return isBehind(step, 'stream-delivering') ? 'committed' : 'failed'
}

function isBehind(step: CrashPoint, other: CrashPoint): boolean {
  return CRASH_POINTS.indexOf(step) >= CRASH_POINTS.indexOf(other)
}

async function settle(
  run: RealRun,
  input: RealInput,
  { status, decided }: { readonly status: Status; readonly decided: boolean },
): Promise<void> {
  const state = stateDirectory(run.state)
  const { exitCode } = await recover({ state, log: silentLogger })
  assert.equal(exitCode, 0)
  assert.deepEqual((await recover({ state, log: silentLogger })).runs, [])
  assert.deepEqual(unsettled(run.state), [])
  const audit = join(run.state, 'audit', 'run.json')
  assert.equal(JSON.parse(readFileSync(audit, 'utf8')).status, status)
  const lines = existsSync(run.deadLetters!) ? readFileSync(run.deadLetters!, 'utf8').split('\n').slice(0, -1) : []
  const letters = lines.map((line) => JSON.parse(line))
  const rows = letters.filter(({ kind }) => kind === 'row').map(({ source, row }) => `${source}:${row}`)
  assert.deepEqual(rows.sort(), decided ? input.rejected.toSorted() : [])
  const ofRun = letters.filter(({ kind }) => kind === 'run').map(({ errors }) => errors[0].code)
  assert.deepEqual(ofRun, decided && status === 'failed' ? ['target-gone'] : [])
}
