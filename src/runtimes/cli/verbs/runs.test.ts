import assert from 'node:assert/strict'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { GOOD, jobText } from '../testing/customers.ts'
import { ensureBuilt, sluice, workspace } from '../testing/sluice.ts'

describe('sluice runs and recover', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('lists runs, the latest first, and shows the report of one', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const state = ['--state', 'elsewhere']
    const first = await sluice(['run', 'job.ts', '--run-id', 'first', '--json', ...state], place)
    await sluice(['run', 'job.ts', '--run-id', 'second', ...state, '--param', 'a=b'], place)
    const { stdout } = await sluice(['runs', ...state], place)
    assert.match(stdout, /^RUN +JOB +STATUS +STARTED +LOADED\nsecond +people +committed +\S+ +2\nfirst +people/)
    const shown = await sluice(['runs', 'first', ...state], place)
    assert.match(shown.stdout, /^people {2}committed\n {2}run +first \(local\)/)
    const json = await sluice(['runs', 'first', '--json', ...state], place)
    assert.equal(json.stdout, first.stdout)
  })

  it('shows a run that died before it was decided', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    await sluice(['run', 'job.ts', '--run-id', 'dead'], { ...place, env: { SLUICE_CRASH_AT: 'split-staged' } })
    await sluice(['recover'], place)
    const { code, stdout } = await sluice(['runs', 'dead'], place)
    assert.equal(code, 0)
    assert.match(stdout, /^people {2}failed\n {2}run +dead \(local\)/)
    assert.match(stdout, /\n {2}source +in\.csv {2}45 B\n/)
    assert.match(stdout, /\n {2}error +The process ended before the run was decided; nothing was written\.\n$/)
    const json = JSON.parse((await sluice(['runs', 'dead', '--json'], place)).stdout)
    assert.deepEqual([json.status, json.rows.loaded, json.source[0].source, json.rules], ['failed', 0, 'in.csv', []])
  })

  it('exits with 2 for a run that is not known', async () => {
    using place = workspace()
    const { code, stderr } = await sluice(['runs', 'nope'], place)
    assert.equal(code, 2)
    assert.match(stderr, /^error: There is no run nope in .*; `sluice runs` lists those that are\.\n$/)
  })

  it('exits with 2 when the state directory is a file, or in one', async () => {
    using place = workspace({ 'in.csv': GOOD })
    for (const verb of [['runs'], ['recover'], ['runs', 'some'], ['load', 'in.csv', 'out.csv']]) {
      for (const state of ['in.csv', 'in.csv/state']) {
        const { code, stderr } = await sluice([...verb, '--state', state], { ...place, env: { SLUICE_LOG: 'silent' } })
        assert.equal(code, 2)
        assert.match(stderr, /^error: The state directory cannot be \S*in\.csv\S*: \S*in\.csv is no directory\..*\n$/)
      }
    }
  })

  it('exits with 5 when the state of what lies beside the target is gone', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const env = { SLUICE_CRASH_AT: 'run-decided' }
    const killed = await sluice(['run', 'job.ts'], { ...place, env })
    assert.equal(killed.code, null)
    renameSync(join(place.cwd, '.sluice'), join(place.cwd, 'moved'))
    const { code, stdout } = await sluice(['recover', '--target', 'out.csv'], place)
    assert.equal(code, 5)
    assert.match(stdout, /unsettled +beside out\.csv lies the staging of run/)
    renameSync(join(place.cwd, 'moved'), join(place.cwd, '.sluice'))
    const again = await sluice(['recover'], place)
    assert.equal(again.code, 0)
    assert.match(again.stdout, /people +finished/)
    assert.equal(readFileSync(join(place.cwd, 'out.csv'), 'utf8'), GOOD.toLowerCase())
  })

  it('has nothing to list or recover where nothing ran', async () => {
    using place = workspace()
    const listed = await sluice(['runs'], place)
    const recovered = await sluice(['recover', '--target', 'out.csv'], place)
    assert.deepEqual([listed.code, recovered.code], [0, 0])
    assert.match(listed.stdout, /^No runs in .*\.sluice\.\n$/)
    assert.equal(recovered.stdout, 'No interrupted runs in out.csv.\n')
  })
})
