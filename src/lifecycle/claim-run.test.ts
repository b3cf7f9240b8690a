import assert from 'node:assert/strict'
import { readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { listLedger, readLedger } from './ledger.ts'
import { prune } from './prune.ts'
import { checkRunId, newRunId } from './run-id.ts'
import { stateDirectory } from './state-directory.ts'
import { type DriverOptions, play } from './testing/run-driver.ts'
import { ended, readTarget, sandbox, start } from './testing/sandbox.ts'

describe('a run id', () => {
  it('that committed with the same fingerprint gives the first result again', async () => {
    using box = sandbox('id')
    await play(options(box.path, 'a'))
    writeFileSync(join(box.path, 'out.csv'), 'edited')
    assert.equal(await play(options(box.path, 'a')), 'repeated')
    assert.equal(readTarget(join(box.path, 'out.csv')), 'edited')
  })

  it('of another fingerprint is a conflict and exit 2', async () => {
    using box = sandbox('id')
    await play(options(box.path, 'a'))
    await assert.rejects(play(options(box.path, 'b')), { code: 'run-id-conflict', exitCode: 2 })
  })

  it('that did not commit may run again, and both attempts stay in the audit trail', async () => {
    using box = sandbox('id')
    await play({ ...options(box.path, 'a'), verdict: 'reject' })
    const second = await play(options(box.path, 'a'))
    assert.equal((second as { status: string }).status, 'committed')
    const audits = readdirSync(join(box.path, 's', 'audit')).sort()
    assert.equal(audits.length, 2)
    const states = audits.map((name) => JSON.parse(readFileSync(join(box.path, 's', 'audit', name), 'utf8')).status)
    assert.deepEqual(states.sort(), ['committed', 'invalid'])
  })

  it('whose attempt was killed is settled first', async () => {
    using box = sandbox('id')
    await ended(start(options(box.path, 'a'), 'split-staged'))
    assert.equal(((await play(options(box.path, 'a'))) as { status: string }).status, 'committed')
    await ended(start({ ...options(box.path, 'b'), runId: 'second' }, 'run-decided'))
    assert.equal(await play({ ...options(box.path, 'b'), runId: 'second' }), 'repeated')
  })

  it('must be plain', () => {
    for (const bad of ['', '../x', 'a/b', '.hidden', 'ä', 'a'.repeat(101), 'a b']) {
      assert.throws(() => checkRunId(bad), { code: 'usage' })
    }
    checkRunId(newRunId())
    assert.ok(newRunId(new Date(0)) < newRunId())
  })
})

describe('the ledger', () => {
  it('lists the latest run first, with the report as it ended', async () => {
    using box = sandbox('ledger')
    await play(options(box.path, 'a'))
    await play({ ...options(box.path, 'b'), runId: 'second', verdict: 'reject' })
    const [second, first] = listLedger(stateDirectory(join(box.path, 's')))
    assert.deepEqual([first?.run_id, second?.run_id], ['id', 'second'])
    assert.deepEqual([first?.report['rows'], second?.report['rows']], [{ loaded: 1 }, { loaded: 0 }])
    assert.deepEqual(second?.report['outputs'], [])
  })

  it('forgets what was settled long ago, but the audit trail does not', async () => {
    using box = sandbox('prune')
    const state = stateDirectory(join(box.path, 's'))
    await play(options(box.path, 'a'))
    await play({ ...options(box.path, 'b'), runId: 'second' })
    const old = Date.now() / 1000 - 100 * 86_400
    for (const path of [join(state.settled, 'id'), join(state.ledger, 'id.json')]) utimesSync(path, old, old)
    utimesSync(join(state.path, 'pruned'), old, old)
    prune(state)
    assert.equal(readLedger(state, 'id'), undefined)
    assert.ok(readLedger(state, 'second'))
    assert.deepEqual(readdirSync(state.settled), ['second'])
    assert.deepEqual(readdirSync(state.audit).sort(), ['id.json', 'second.json'])
  })

  it('forgets them when another run is settled, looking at most once a day', async () => {
    using box = sandbox('prune')
    const state = stateDirectory(join(box.path, 's'))
    await play(options(box.path, 'a'))
    const old = Date.now() / 1000 - 100 * 86_400
    for (const path of [join(state.settled, 'id'), join(state.ledger, 'id.json')]) utimesSync(path, old, old)
    await play({ ...options(box.path, 'b'), runId: 'second' })
    assert.ok(readLedger(state, 'id'))
    utimesSync(join(state.path, 'pruned'), old, old)
    await play({ ...options(box.path, 'c'), runId: 'third' })
    assert.equal(readLedger(state, 'id'), undefined)
    assert.deepEqual(readdirSync(state.settled).sort(), ['second', 'third'])
  })
})

function options(directory: string, version: string): DriverOptions {
  return { state: join(directory, 's'), target: join(directory, 'out.csv'), runId: 'id', version }
}
