import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { silentLogger } from '../logger.ts'
import { recover } from '../recovery.ts'
import { stateDirectory } from '../state-directory.ts'
import { pause } from './children.ts'
import type { RealInput } from './real-input.ts'
import { type RealRun, runReal } from './real-run.ts'
import { leftovers, readTarget, unsettled } from './sandbox.ts'

/** What a killed run finds, and what it is about to do. */
export interface RealScene {
  readonly title: string
  readonly target: 'out.csv' | 'out/'
  readonly before: boolean
  readonly files: number
  readonly onInvalid: 'fail' | 'quarantine'
}

export interface Stage {
  readonly scene: RealScene
  readonly run: RealRun
  readonly input: RealInput
  readonly old: string | null
  readonly next: string
  /** How often a reader saw either. */
  readonly seen: { old: number; next: number }
}

interface Version {
  readonly path: string
  readonly input: RealInput
}

/** `run-1` commits the old version where there is to be one; `run` is the one to kill. */
export async function setUpScene(
  directory: string,
  scene: RealScene,
  { old, next }: { readonly old: Version; readonly next: Version },
): Promise<Stage> {
  const data = join(directory, 'data')
  mkdirSync(data)
  const target = join(data, scene.target)
  const common = { target, state: join(directory, 'state'), deadLetters: join(directory, 'letters', 'dead.jsonl') }
  if (scene.before) await runReal({ ...common, input: old.path, runId: 'run-1' })
  const run: RealRun = {
    ...common,
    input: next.path,
    runId: 'run-2',
    onInvalid: scene.onInvalid,
    memoryBudget: 1 << 20,
  }
  return {
    scene,
    run,
    input: next.input,
    old: readTarget(target),
    next: textOf(scene, next.input),
    seen: { old: 0, next: 0 },
  }
}

/** The parts of one file are put together under one header. */
export function textOf({ target }: Pick<RealScene, 'target'>, { outputs }: RealInput): string {
  if (target === 'out/') return outputs.join('')
  return outputs.map((text, index) => (index === 0 ? text : text.slice(text.indexOf('\n') + 1))).join('')
}

/** Reads the target again and again until the process has ended: it must be the old or the new, never a part. */
export async function watchTarget<T>(end: Promise<T>, stage: Stage): Promise<T> {
  let running = true
  const result = end.finally(() => {
    running = false
  })
  while (running) {
    checkWhole(stage)
    await pause(0)
  }
  checkWhole(stage)
  return result
}

function checkWhole({ run, old, next, seen }: Stage): void {
  const found = readTarget(run.target)
  if (found === old) seen.old++
  else if (found === next) seen.next++
  else assert.fail(`a reader saw ${found?.length} characters: neither old nor new`)
}

/** Recovers twice, then checks that target, staging, audit, ledger and dead letters tell one story. */
export async function settleScene(stage: Stage): Promise<void> {
  const { run, scene, old, next } = stage
  const state = stateDirectory(run.state)
  const first = await recover({ state, log: silentLogger })
  assert.equal(first.exitCode, 0, JSON.stringify(first.runs))
  assert.deepEqual((await recover({ state, log: silentLogger })).runs, [], 'a second recovery finds nothing to do')
  const seen = readTarget(run.target)
  // No `equal`: it would print both.
  assert.ok(seen === old || (seen === next && scene.onInvalid !== 'fail'), `${seen?.length} characters of neither`)
  const published = [...(scene.before ? ['run-1'] : []), ...(seen === old ? [] : ['run-2'])]
  assert.deepEqual(leftovers(join(run.target, '..'), published), [], 'no staging stays')
  assert.deepEqual(unsettled(run.state), [], 'nor any in the state directory')
  // Its lock goes as well.
  if (existsSync(run.deadLetters!)) assert.deepEqual(readdirSync(dirname(run.deadLetters!)), ['dead.jsonl'])
  checkRecords(stage, seen !== old)
}

function checkRecords(stage: Stage, committed: boolean): void {
  const { run, scene } = stage
  // Killed before it had so much as a name.
  const begun = existsSync(join(run.state, 'audit', 'run-2.json'))
  assert.ok(begun || !committed)
  if (!begun) return
  const audit = readJson(join(run.state, 'audit', 'run-2.json'))
  const status = committed ? ['committed'] : scene.onInvalid === 'fail' ? ['invalid', 'failed'] : ['failed']
  assert.ok(status.includes(audit.status), `${audit.status} for ${status}`)
  assert.equal(readJson(join(run.state, 'ledger', 'run-2.json')).status, audit.status)
  if (committed) checkOutputs(run.target, audit.outputs)
  const judged = committed || audit.status === 'invalid'
  const letters = existsSync(run.deadLetters!) ? readFileSync(run.deadLetters!, 'utf8').split('\n').slice(0, -1) : []
  const mine = letters.map((line) => JSON.parse(line)).filter(({ run_id }) => run_id === 'run-2')
  const expected = judged ? stage.input.rejected : []
  assert.deepEqual(
    mine.map(({ source, row }) => `${source}:${row}`).sort(),
    expected.toSorted(),
    'every letter is there, once',
  )
  if (scene.before) assert.match(letters[0]!, /"run_id":"run-1"/, 'earlier letters stay')
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of the audit trail
function checkOutputs(target: string, outputs: any[]): void {
  const directory = target.endsWith('/') ? realpathSync(target) : undefined
  if (directory !== undefined) assert.equal(outputs.length, readdirSync(directory).length)
  for (const { path, bytes, sha256 } of outputs) {
    const content = readFileSync(path)
    assert.equal(content.length, bytes)
    assert.equal(createHash('sha256').update(content).digest('hex'), sha256)
  }
}

// biome-ignore lint/suspicious/noExplicitAny: JSON of the audit trail
function readJson(path: string): any {
  return JSON.parse(readFileSync(path, 'utf8'))
}
