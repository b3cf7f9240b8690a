import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, renameSync, rmdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { readJournal } from './journal.ts'
import { takeLease } from './lease.ts'
import { recover } from './recovery.ts'
import { stateDirectory } from './state-directory.ts'
import { type DriverOptions, letterText, partText, play, quiet } from './testing/run-driver.ts'
import { ended, leftovers, readTarget, sandbox, start, unsettled } from './testing/sandbox.ts'

const TARGETS = ['data/out.csv', 'data/out/'] as const
const text = (version: string) => partText(version, 0) + partText(version, 1)

describe('recover', () => {
  for (const target of TARGETS) {
    it(`names a live run on ${target}, leaves it alone and counts as done`, async () => {
      using box = sandbox('live')
      const go = join(box.path, 'go')
      const ready = join(box.path, 'ready')
      const run = ended(start({ ...options(box.path, target), version: 'a', waitFor: go, signalTo: ready }))
      await appears(ready)
      const { runs, exitCode } = await recover({ state: stateDirectory(join(box.path, 'state')), log: quiet })
      assert.equal(exitCode, 0)
      assert.equal(runs[0]?.action, 'live')
      assert.match(runs[0]?.reason ?? '', /process \d+ on /)
      writeFileSync(go, '')
      assert.equal((await run).result.status, 'committed')
      assert.equal(readTarget(join(box.path, target)), text('a'))
    })

    it(`never lets a stale decided run overwrite a newer commit to ${target}`, async () => {
      using box = sandbox('stale')
      await superseded(box.path, target, 'run-decided')
      const { runs, exitCode } = await recover({ state: stateDirectory(join(box.path, 'state')), log: quiet })
      assert.equal(exitCode, 0)
      assert.deepEqual([runs[0]?.action, runs[0]?.status], ['finished', 'failed'])
      assert.match(runs[0]?.reason ?? '', /somebody else changed/)
      assert.equal(readTarget(join(box.path, target)), text('new'))
      assert.deepEqual(leftovers(join(box.path, 'data')), [])
    })

    it(`finds the runs of any state directory by --target ${target}`, async () => {
      using box = sandbox('target')
      await ended(start(options(box.path, target), 'run-decided'))
      const elsewhere = stateDirectory(join(box.path, 'elsewhere'))
      const { runs, exitCode } = await recover({ state: elsewhere, target: join(box.path, target), log: quiet })
      assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.status], [0, 'finished', 'committed'])
      assert.equal(readTarget(join(box.path, target)), text('old'))
      assert.deepEqual(unsettled(join(box.path, 'state')), [])
    })

    it(`deletes nothing beside ${target} when the journal of the staging is out of reach`, async () => {
      using box = sandbox('orphan')
      await ended(start(options(box.path, target), 'run-decided'))
      renameSync(join(box.path, 'state'), join(box.path, 'hidden'))
      const state = stateDirectory(join(box.path, 'elsewhere'))
      const { runs, exitCode } = await recover({ state, target: join(box.path, target), log: quiet })
      assert.deepEqual([exitCode, runs[0]?.action], [5, 'unsettled'])
      assert.notDeepEqual(leftovers(join(box.path, 'data')), [])
    })

    it(`settles an interrupted run on ${target} before a new one begins`, async () => {
      using box = sandbox('settle')
      await ended(start(options(box.path, target), 'run-decided'))
      const next = await play({ ...options(box.path, target), state: join(box.path, 'b'), runId: 'b', version: 'new' })
      assert.equal(status(next), 'committed')
      assert.deepEqual(unsettled(join(box.path, 'state')), [])
      assert.equal(ledgerStatus(box.path, 'state', 'run'), 'committed')
      assert.equal(readTarget(join(box.path, target)), text('new'))
    })
  }

  it('does not say that a dead process is at work when another recovery has its run', async () => {
    using box = sandbox('several')
    const { state: path } = options(box.path, 'data/out.csv')
    const dead = start(options(box.path, 'data/out.csv'), 'run-decided')
    await ended(dead)
    const state = stateDirectory(path)
    const other = await takeLease(state, 'run')
    const { runs, exitCode } = await recover({ state, log: quiet })
    assert.deepEqual([exitCode, runs[0]?.action], [0, 'live'])
    assert.equal(runs[0]?.reason, `process ${dead.pid} is dead, and another process is settling the run`)
    await other?.release()
  })

  it('knows that a replaced version of a directory had been committed', async () => {
    using box = sandbox('witness')
    await superseded(box.path, 'data/out/', 'target-switched')
    const { runs } = await recover({ state: stateDirectory(join(box.path, 'state')), log: quiet })
    assert.deepEqual([runs[0]?.action, runs[0]?.status], ['finished', 'committed'])
    assert.equal(readTarget(join(box.path, 'data/out/')), text('new'))
    assert.deepEqual(leftovers(join(box.path, 'data')), [])
  })

  it('says that nobody can know, once, when the file of a run that died in its commit was replaced', async () => {
    using box = sandbox('unknowable')
    await play({ ...options(box.path, 'data/out.csv'), runId: 'first', version: 'first' })
    await superseded(box.path, 'data/out.csv', 'target-switched')
    const state = stateDirectory(join(box.path, 'state'))
    const { runs, exitCode } = await recover({ state, log: quiet })
    assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.status], [0, 'in-doubt', 'in_doubt'])
    assert.equal(readTarget(join(box.path, 'data/out.csv')), text('new'))
    assert.deepEqual((await recover({ state, log: quiet })).runs, [])
  })

  it('undoes a run whose decision is torn, at whatever byte', async () => {
    using box = sandbox('torn')
    const target = options(box.path, 'data/out.csv')
    await play({ ...target, runId: 'first', version: 'first' })
    for (const lost of [1, 2, 9, 60, 300]) {
      await ended(start({ ...target, runId: `torn-${lost}` }, 'run-decided'))
      tearLastLine(join(target.state, 'runs', `torn-${lost}`, 'journal.jsonl'), lost)
      const { runs } = await recover({ state: stateDirectory(target.state), log: quiet })
      assert.deepEqual([runs[0]?.action, runs[0]?.status], ['undone', 'failed'])
      assert.equal(readTarget(target.target), text('first'))
      assert.deepEqual(leftovers(join(box.path, 'data')), [])
    }
  })

  it('keeps a run in doubt, with all its data, until the target can be asked', async () => {
    using box = sandbox('doubt')
    const { state, target, ...rest } = options(box.path, 'data/out.csv')
    const obstacle = join(box.path, 'data', '.out.csv.sluice~lock')
    mkdirSync(obstacle, { recursive: true })
    await assert.rejects(play({ state, target, ...rest }), { code: 'in-doubt', exitCode: 5 })
    assert.equal(ledgerStatus(box.path, 'state', 'run'), 'in_doubt')
    const first = await recover({ state: stateDirectory(state), log: quiet })
    assert.deepEqual([first.exitCode, first.runs[0]?.action], [5, 'in-doubt'])
    rmdirSync(obstacle)
    const second = await recover({ state: stateDirectory(state), log: quiet })
    assert.deepEqual([second.exitCode, second.runs[0]?.status], [0, 'committed'])
    assert.equal(readTarget(target), text('old'))
  })

  it('tells a stream that got nothing from one of which nobody can know, delivers nothing again, and is done', async () => {
    const fates = { 'run-decided': ['finished', 'failed'], 'stream-delivering': ['in-doubt', 'in_doubt'] } as const
    for (const [step, fate] of Object.entries(fates)) {
      using box = sandbox('stream')
      const letters = join(box.path, 'dead.jsonl')
      const run = start({ ...options(box.path, '-'), target: '-', deadLetters: letters }, step)
      assert.ok((await ended(run)).killed)
      const state = stateDirectory(join(box.path, 'state'))
      const { runs, exitCode } = await recover({ state, log: quiet })
      assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.status], [0, ...fate])
      const delivered = readFileSync(letters, 'utf8')
      assert.ok(delivered.startsWith(letterText('run')))
      // A run that failed for another reason than its rows says so in a letter of its own.
      const ofRun = delivered.slice(letterText('run').length)
      assert.match(ofRun, step === 'run-decided' ? /^{"id":"run","kind":"run".*"target-gone".*}\n$/ : /^$/)
      assert.deepEqual((await recover({ state, log: quiet })).runs, [])
    }
  })

  it('reports a damaged journal and touches nothing of its run', async () => {
    using box = sandbox('damage')
    const { state } = options(box.path, 'data/out.csv')
    await ended(start(options(box.path, 'data/out.csv'), 'run-decided'))
    const path = join(state, 'runs', 'run', 'journal.jsonl')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"planned"', '"plannet"'))
    const { runs, exitCode } = await recover({ state: stateDirectory(state), log: quiet })
    assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.settled], [5, 'unsettled', false])
    assert.match(runs[0]?.reason ?? '', /journal.*damaged/)
    assert.ok(existsSync(path))
  })
})

function options(directory: string, target: string): DriverOptions {
  mkdirSync(join(directory, 'data'), { recursive: true })
  return { state: join(directory, 'state'), target: join(directory, target), runId: 'run', version: 'old' }
}

/** A run dies at a step, its state goes out of reach, another run commits, the state comes back. */
async function superseded(directory: string, target: string, step: string): Promise<void> {
  const { killed } = await ended(start(options(directory, target), step))
  assert.ok(killed)
  const state = join(directory, 'state')
  renameSync(state, join(directory, 'hidden'))
  const newer = { ...options(directory, target), state: join(directory, 'other'), runId: 'newer', version: 'new' }
  assert.equal(status(await play(newer)), 'committed')
  renameSync(join(directory, 'hidden'), state)
}

function tearLastLine(journal: string, lost: number): void {
  const end = readFileSync(journal, 'utf8').trimEnd().length
  truncateSync(journal, end - lost)
  assert.notEqual(readJournal(journal).at(-1)?.type, 'decided')
}

function status(result: unknown): string | undefined {
  return (result as { status?: string }).status
}

function ledgerStatus(directory: string, state: string, runId: string): string {
  return JSON.parse(readFileSync(join(directory, state, 'ledger', `${runId}.json`), 'utf8')).status
}

async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await new Promise((wake) => setTimeout(wake, 2))
}
