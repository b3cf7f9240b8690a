import assert from 'node:assert/strict'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RunEvent } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { localFileTarget as target } from '../storage/local-file-target.ts'
import type { PreparedOutput } from '../storage/target.ts'
import { claimRun } from './claim-run.ts'
import { decide } from './decide.ts'
import { failRun } from './fail-run.ts'
import { finish } from './finish.ts'
import type { OpenRun } from './open-run.ts'
import { planTarget } from './plan-target.ts'
import { recordStaged } from './record-staged.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { quiet } from './testing/run-driver.ts'
import { leftovers, sandbox } from './testing/sandbox.ts'

const report = { rows: { read: 1, loaded: 1 }, outputs: [{ path: 'out.csv' }], dead_letters: { count: 1 } }

describe('finish', () => {
  it('tells the story of a commit in order', async () => {
    using scene = await setUp()
    const { run, events, emit } = scene
    await decide(run, { verdict: 'commit', output: scene.output, error: null, letters: seal(run), audit: {}, report })
    const settlement = await finish(run, { log: quiet, emit })
    assert.deepEqual(settlement.status, 'committed')
    assert.deepEqual(
      events.map((event) => event.type),
      ['RunCommitted', 'DeadLettersDelivered', 'RunAudited'],
    )
    const { status, rows, dead_letters, recovered } = settlement.report
    assert.deepEqual(
      [status, rows, dead_letters, recovered],
      ['committed', report.rows, { count: 1, delivered: true }, false],
    )
    const audit = JSON.parse(readFileSync(join(scene.path, 's', 'audit', 'run.json'), 'utf8'))
    assert.equal(audit.who, 'me')
    assert.equal(audit.status, 'committed')
  })

  it('delivers the letters of a rejected run, says where they are, and loads nothing', async () => {
    using scene = await setUp()
    const error = { code: 'validation-failed', message: 'One row failed.' } as const
    await decide(scene.run, { verdict: 'reject', output: null, error, letters: seal(scene.run), audit: {}, report })
    const settlement = await finish(scene.run, { log: quiet })
    const message = `One row failed. The rejected rows are in ${join(scene.path, 'dead.jsonl')}.`
    assert.deepEqual([settlement.status, settlement.error], ['invalid', { ...error, message }])
    assert.deepEqual([settlement.report['rows'], settlement.report['outputs']], [{ read: 1, loaded: 0 }, []])
    assert.equal(existsSync(join(scene.path, 'out.csv')), false)
    assert.equal(readFileSync(join(scene.path, 'dead.jsonl'), 'utf8'), '{"id":"run:0:1"}\n')
    assert.deepEqual(leftovers(scene.path), [])
  })

  it('ends a failed run with its letter, and never throws', async () => {
    using scene = await setUp()
    const { run, emit, events } = scene
    const error = new SluiceError('source-changed', 'the input changed')
    const settlement = await failRun(run, { error, letters: seal(run), audit: {}, report }, { log: quiet, emit })
    assert.deepEqual([settlement?.status, settlement?.error?.code], ['failed', 'source-changed'])
    assert.deepEqual(
      events.map((event) => event.type),
      ['RunAborted', 'DeadLettersDelivered', 'RunAudited'],
    )
    assert.deepEqual(leftovers(scene.path), [])
  })

  it('undoes what it can when the failure cannot even be journaled, and leaves the rest to recovery', async () => {
    using scene = await setUp()
    breakJournal(scene.run)
    const error = new SluiceError('source-changed', 'the input changed')
    const failure = { error, letters: null, audit: {}, report }
    assert.equal(await failRun(scene.run, failure, { log: quiet }), undefined)
    assert.deepEqual(leftovers(scene.path), [])
  })

  it('is never reached when the decision itself may not have been written; nothing is undone', async () => {
    using scene = await setUp()
    breakJournal(scene.run)
    const decision = { verdict: 'commit', output: scene.output, error: null, letters: null, audit: {}, report } as const
    await assert.rejects(decide(scene.run, decision), { code: 'in-doubt', exitCode: 5 })
    assert.deepEqual(leftovers(scene.path), ['.out.csv.sluice-run'])
    assert.ok(existsSync(scene.output.staged))
  })

  it('refuses a run that is not decided', async () => {
    using scene = await setUp()
    await assert.rejects(finish(scene.run, { log: quiet }), { code: 'internal' })
  })

  it('settles also a run that failed before it had a target', async () => {
    using box = sandbox('finish')
    const run = await begin(box.path)
    const error = new SluiceError('source-not-found', 'no such file')
    const settlement = await failRun(run, { error, letters: null, audit: {}, report: {} }, { log: quiet })
    run.close()
    assert.equal(settlement?.status, 'failed')
    assert.deepEqual((await recover({ state: stateDirectory(join(box.path, 's')), log: quiet })).runs, [])
  })
})

interface Scene extends Disposable {
  readonly path: string
  readonly run: OpenRun
  readonly output: PreparedOutput
  readonly events: RunEvent[]
  emit(event: RunEvent): void
}

async function setUp(): Promise<Scene> {
  const box = sandbox('finish')
  const run = await begin(box.path)
  const location = join(box.path, 'out.csv')
  const plan = await planTarget(run, { target, location, audit: { who: 'me' }, log: quiet })
  const path = target.partPath(plan, 0)
  writeFileSync(path, 'a\n')
  await recordStaged(run, 0, { any: 'ticket' })
  const output = await target.assemble(plan, [{ split: 0, path, rows: 1, bytes: 2, sha256: '' }])
  const events: RunEvent[] = []
  const close = () => {
    if (!broken.has(run)) run.close()
    box[Symbol.dispose]()
  }
  return { path: box.path, run, output, events, emit: (event) => events.push(event), [Symbol.dispose]: close }
}

async function begin(directory: string): Promise<OpenRun> {
  const deadLetters = join(directory, 'dead.jsonl')
  const header = { runId: 'run', job: 'job', fingerprint: 'f', startedAt: '2026', deadLetters, audit: { who: 'me' } }
  const claim = await claimRun(stateDirectory(join(directory, 's')), header, quiet)
  assert.ok(claim.kind === 'claimed')
  return claim.run
}

function seal(run: OpenRun) {
  const text = '{"id":"run:0:1"}\n'
  const path = join(run.state.scratch('run'), 'sealed')
  writeFileSync(path, text)
  return { path, letters: 1, bytes: text.length, sha256: '' }
}

const broken = new WeakSet<OpenRun>()

/** As if the disk under the journal had gone: every write to it fails from now on. */
function breakJournal(run: OpenRun): void {
  run.journal.close()
  broken.add(run)
}
