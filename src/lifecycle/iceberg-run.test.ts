import assert from 'node:assert/strict'
import { existsSync, globSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { readRows } from '../sources/rows.ts'
import type { IcebergOptions } from '../storage/iceberg/iceberg-plan.ts'
import { scanTable } from '../storage/iceberg/plan-scan.ts'
import { rowRule } from '../validation/rules/row-rule.ts'
import type { Job } from './job.ts'
import { silentLogger } from './logger.ts'
import { recover } from './recovery.ts'
import { runJob } from './run.ts'
import { stateDirectory } from './state-directory.ts'
import { writeTinyIceberg } from './testing/tiny-iceberg-sink.ts'

const TABLE = 'lake.silver.customers'

let directory = ''
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-run-')))
})
afterEach(() => rmSync(directory, { recursive: true, force: true }))

function catalog() {
  return { type: 'sql', uri: `file:${directory}/lake/catalog.db` } as const
}

function job(ids: readonly number[], options: IcebergOptions): Job {
  return {
    name: 'tiny',
    extract: () => readRows(ids.map((id) => ({ id, region: 'EU' }))),
    validate: { rules: [rowRule<{ id: number }>(({ id }) => id > 0, { name: 'positive' })] },
    load: () => writeTinyIceberg(TABLE, { catalog: catalog(), ...options }),
  } as unknown as Job
}

function run(runId: string, ids: readonly number[], options: IcebergOptions = {}) {
  return runJob(job(ids, options), { runId, state: join(directory, 'state') })
}

async function records(): Promise<number> {
  return (await scanTable(TABLE, { catalog: catalog() })).files.reduce((sum, file) => sum + file.records, 0)
}

describe('a run into an Iceberg table', () => {
  it('makes all rows visible at once, and reports the files', async () => {
    const report = await run('one', [1, 2], { mode: 'create' })
    assert.equal(await records(), 2)
    assert.equal(report.rows.loaded, 2)
    assert.match(JSON.stringify(report), /lake\/silver\/customers\/data\/one-[0-9a-f]{8}\/0\.parquet/)
    await run('two', [3])
    assert.equal(await records(), 3)
  })

  it('leaves the table as it was, and no file, when a row is wrong', async () => {
    await run('one', [1, 2], { mode: 'create' })
    const before = globSync('lake/**', { cwd: directory }).sort()
    await assert.rejects(run('two', [3, -4]), { code: 'validation-failed' })
    assert.equal(await records(), 2)
    assert.deepEqual(globSync('lake/**', { cwd: directory }).sort(), before)
  })

  it('leaves no folder and no catalog when it is dry or fails, and what was there before it', async () => {
    const state = join(directory, 'state')
    const dry = await runJob(job([1], { mode: 'create' }), { runId: 'dry', state, dryRun: true })
    assert.equal(dry.status, 'checked')
    assert.deepEqual(globSync('**', { cwd: directory, exclude: (name) => name === 'state' }), ['.'])
    await assert.rejects(run('one', [-1], { mode: 'createOrReplace' }), { code: 'validation-failed' })
    await assert.rejects(runJob(job([-1], { mode: 'create' }), { runId: 'two', state, dryRun: true }))
    assert.deepEqual(readdirSync(directory), ['state'])
    mkdirSync(join(directory, 'lake', 'silver'), { recursive: true })
    await runJob(job([1], { mode: 'create' }), { runId: 'dry', state, dryRun: true })
    assert.deepEqual(globSync('lake/**', { cwd: directory }).sort(), ['lake', 'lake/silver'])
  })

  it('makes no table when its first run fails', async () => {
    await assert.rejects(run('one', [-1], { mode: 'create' }), { code: 'validation-failed' })
    assert.equal(existsSync(join(directory, 'lake', 'silver', 'customers')), false)
    await assert.rejects(run('two', [1]), { code: 'target-not-adoptable' })
  })

  it('refuses a run id that the table holds already, and leaves those rows alone', async () => {
    await run('one', [1], { mode: 'create' })
    rmSync(join(directory, 'state'), { recursive: true })
    await assert.rejects(run('one', [1]), { code: 'run-id-conflict' })
    assert.equal(await records(), 1)
    const state = stateDirectory(join(directory, 'state'))
    assert.equal((await recover({ state, target: TABLE, log: silentLogger })).exitCode, 0)
  })
})
