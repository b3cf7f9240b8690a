import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { SluiceError } from '../errors.ts'
import { targetAt } from '../storage/targets.ts'
import { writeError } from '../storage/write-error.ts'
import { claimRun } from './claim-run.ts'
import { decide } from './decide.ts'
import { failRun } from './fail-run.ts'
import { finish } from './finish.ts'
import type { OpenRun } from './open-run.ts'
import { planTarget } from './plan-target.ts'
import { recover } from './recovery.ts'
import { type StateDirectory, stateDirectory } from './state-directory.ts'
import { play, quiet } from './testing/run-driver.ts'
import { ended, leftovers, otherUser, readTarget, sandbox, start } from './testing/sandbox.ts'
import { fillDisk, makeReadOnly, noDisk, smallDisk } from './testing/small-disk.ts'

const skip = noDisk
const user = skip === false ? otherUser() : undefined
const needsOther = skip === false && user === undefined ? 'the sources are closed to other users' : false
const drafts = { letters: null, audit: {}, report: {} }

describe('a full disk', { skip }, () => {
  for (const target of ['out.csv', 'out/']) {
    it(`under ${target} fails the run, leaves the target unchanged and no staging`, async () => {
      using disk = smallDisk('1m')
      using box = sandbox('full')
      const path = join(disk.path, target)
      await play({ state: join(box.path, 's'), target: path, runId: 'one', version: 'old', parts: 1 })
      const old = readTarget(path)
      const state = stateDirectory(join(box.path, 's'))
      await using run = await begin(state, 'two')
      const plan = await plannedOn(run, path)
      const part = targetAt(path).partPath(plan, 0)
      const error = capture(part, () => writeFileSync(part, Buffer.alloc(4 << 20)))
      assert.equal(error.code, 'disk-full')
      assert.match(error.message, new RegExp(`${part}.*no space is left`))
      const settlement = await failRun(run, { error, ...drafts }, { log: quiet })
      assert.equal(settlement?.status, 'failed')
      assert.deepEqual(settlement?.unfinished, [])
      assert.equal(readTarget(path), old)
      assert.deepEqual(leftovers(disk.path), [])
    })
  }

  it('under the state directory is found out before the decision, and the run can be undone', async () => {
    using disk = smallDisk('1m')
    using box = sandbox('full')
    await using run = await begin(stateDirectory(join(disk.path, 's')), 'one')
    const target = join(box.path, 'out.csv')
    await plannedOn(run, target)
    fillDisk(disk.path)
    const report = { padding: 'x'.repeat(500_000) }
    await assert.rejects(decide(run, { verdict: 'reject', output: null, error: null, ...drafts, report }), {
      code: 'disk-full',
      exitCode: 4,
    })
    assert.equal(run.progress.decided, undefined)
    await failRun(run, { error: new SluiceError('disk-full', 'no space'), ...drafts }, { log: quiet })
    assert.equal(existsSync(target), false)
    assert.deepEqual(leftovers(box.path), [])
  })

  it('after the decision does not stop the commit; recovery completes the records', async () => {
    using disk = smallDisk('1m')
    using box = sandbox('full')
    const state = stateDirectory(join(disk.path, 's'))
    const run = await begin(state, 'one')
    const target = join(box.path, 'out.csv')
    const plan = await plannedOn(run, target)
    const part = targetAt(target).partPath(plan, 0)
    writeFileSync(part, 'a\n')
    const parts = [{ split: 0, path: part, rows: 1, bytes: 2, sha256: '' }]
    const output = await targetAt(target).assemble(plan, parts)
    fillDisk(disk.path)
    await decide(run, { verdict: 'commit', output, error: null, ...drafts })
    const { status, unfinished } = await finish(run, { log: quiet })
    run.close()
    assert.equal(status, 'committed')
    assert.equal(readTarget(target), 'a\n')
    assert.deepEqual([...new Set(unfinished.map((error) => error.code))], ['disk-full'])
    rmSync(join(disk.path, 'filler'))
    const { runs, exitCode } = await recover({ state, log: quiet })
    assert.deepEqual([exitCode, runs[0]?.action, runs[0]?.status], [0, 'finished', 'committed'])
    assert.equal(JSON.parse(readFileSync(join(state.audit, 'one.json'), 'utf8')).status, 'committed')
  })

  it('before the run begins is told at once', async () => {
    using disk = smallDisk('64k')
    fillDisk(disk.path)
    const claim = begin(stateDirectory(join(disk.path, 's')), 'one')
    await assert.rejects(claim, { code: 'disk-full', message: /no space is left/ })
  })
})

describe('a target that cannot be written', () => {
  it('is refused when a part of its path is a file', async () => {
    using box = sandbox('unwritable')
    writeFileSync(join(box.path, 'file'), '')
    await refused(box.path, join(box.path, 'file', 'out.csv'), /is a file, not a directory/)
  })

  it('is refused on a read-only disk', { skip }, async () => {
    using disk = smallDisk('1m')
    using box = sandbox('unwritable')
    makeReadOnly(disk.path)
    await refused(box.path, join(disk.path, 'out.csv'), /read-only/)
    await refused(box.path, join(disk.path, 'out/'), /read-only/)
  })

  it('is refused without permission, or when it is marked read-only', { skip: needsOther }, async () => {
    using box = sandbox('unwritable')
    mkdirSync(join(box.path, 'closed'), { mode: 0o555 })
    writeFileSync(join(box.path, 'closed.csv'), 'old', { mode: 0o444 })
    chmodSync(box.path, 0o777)
    for (const target of ['closed/out.csv', 'closed/out/', 'closed/new/out.csv', 'closed.csv']) {
      const options = { state: join(box.path, 's'), target: join(box.path, target), runId: 'r', version: target }
      const { result } = await ended(start({ ...options, runId: target.replace(/\W/g, '') }, undefined, user))
      assert.equal(result.error?.code, 'target-not-writable')
      assert.match(result.error?.message ?? '', /closed.*permission denied; change its permissions/)
    }
    assert.equal(readFileSync(join(box.path, 'closed.csv'), 'utf8'), 'old')
    assert.deepEqual(readdirSync(join(box.path, 'closed')), [])
  })
})

async function refused(directory: string, target: string, message: RegExp): Promise<void> {
  const result = await play({ state: join(directory, 's'), target, runId: `r${Math.random()}`, version: 'a' })
  assert.ok(typeof result === 'object')
  assert.equal(result.status, 'failed')
  assert.equal(result.error?.code, 'target-not-writable')
  assert.match(result.error?.message ?? '', message)
  assert.ok(
    result.error?.message.includes(target.replace(/\/$/, '')) || result.error?.message.includes(join(target, '..')),
  )
}

async function begin(state: StateDirectory, runId: string): Promise<OpenRun> {
  const startedAt = new Date().toISOString()
  const header = { runId, job: 'job', fingerprint: 'f', startedAt, deadLetters: null, audit: {} }
  const claim = await claimRun(state, header, quiet)
  assert.ok(claim.kind === 'claimed')
  return claim.run
}

function plannedOn(run: OpenRun, location: string) {
  return planTarget(run, { target: targetAt(location), location, audit: {}, log: quiet })
}

function capture(path: string, work: () => void): SluiceError {
  try {
    work()
  } catch (error) {
    return writeError(error, path)
  }
  throw new Error('the disk was not full')
}
