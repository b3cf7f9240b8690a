import assert from 'node:assert/strict'
import { globSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { GOOD, jobText } from '../testing/customers.ts'
import { ensureBuilt, plainLines, sluice, workspace } from '../testing/sluice.ts'

const TYPESCRIPT = join(import.meta.dirname, '../../../../node_modules/typescript')

describe('sluice check', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('validates everything and loads nothing', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const { code, stderr } = await sluice(['check', 'job.ts'], { ...place, env: { SLUICE_LOG: 'silent' } })
    assert.equal(code, 0)
    assert.match(stderr, /^people {2}checked/)
    assert.match(stderr, /2 read, 0 filtered, 0 rejected, 0 loaded/)
    assert.deepEqual(globSync('*', { cwd: place.cwd }).sort(), ['in.csv', 'job.ts'])
    assert.deepEqual(globSync('.sluice/{runs,ledger,audit,settled}/*', { cwd: place.cwd }), [])
  })

  it('exits with 3 when rows are invalid, duplicates included, and delivers no dead letters', async () => {
    const job = jobText().replace('validate: {', `validate: { uniqueColumns: ['id'],`)
    using place = workspace({ 'job.ts': job, 'in.csv': `${GOOD}2,x@example.com\n` })
    const { code, stdout } = await sluice(['check', 'job.ts', '--json'], place)
    const report = JSON.parse(stdout)
    assert.deepEqual([code, report.status, report.rows.rejected, report.rows.loaded], [3, 'invalid', 1, 0])
    assert.deepEqual(report.dead_letters, { path: null, letters: 1 })
    assert.equal(report.error.code, 'validation-failed')
    assert.deepEqual(globSync('.sluice/{runs,dead-letters}/*', { cwd: place.cwd }), [])
  })

  it('counts what quarantine would leave', async () => {
    const job = jobText(`onInvalid: 'quarantine',`).replace('validate: {', `validate: { uniqueColumns: ['id'],`)
    using place = workspace({ 'job.ts': job, 'in.csv': `${GOOD}2,x@example.com\n` })
    const { code, stdout } = await sluice(['check', 'job.ts', '--json'], place)
    assert.equal(code, 0)
    assert.deepEqual([JSON.parse(stdout).rows.rejected, JSON.parse(stdout).rows.loaded], [1, 0])
  })

  it('tells type errors, a line each, where the project has TypeScript', async () => {
    const job = jobText().replace(`withColumn('email', cleanEmail())`, `withColumn('email', (v) => v.trim())`)
    using place = workspace({ 'job.ts': job, 'in.csv': GOOD, 'package.json': '{ "type": "module" }' })
    const modules = join(place.cwd, 'node_modules')
    const untyped = await sluice(['check', 'job.ts'], place)
    assert.equal(untyped.code, 0)
    workspaceModules(modules)
    const run = await sluice(['check', 'job.ts'], place)
    assert.equal(run.code, 2)
    const error = `job.ts:6:56 'v' is possibly 'null'. (TS18047)`
    assert.deepEqual(plainLines(run), [error, `error: job.ts has a type error; the first: ${error}`])
  })

  it('names the column that a rule or a transform gets wrong', async () => {
    const wrong = (more: string) => `import { defineJob, isNotNull, readRows, writeCsv } from 'sluice'
export default defineJob({ name: 'x', extract: readRows([{ id: 1, email: 'a' }]), ${more}, load: writeCsv('out.csv') })
`
    const files = {
      'rule.ts': wrong(`transform: (rows) => rows, validate: { requiredColumns: ['emial'] }`),
      'filter.ts': wrong(`transform: (rows) => rows.filter('emial', isNotNull)`),
    }
    using place = workspace({ ...files, 'package.json': '{ "type": "module" }' })
    workspaceModules(join(place.cwd, 'node_modules'))
    for (const job of Object.keys(files)) {
      const run = await sluice(['check', job], place)
      assert.equal(run.code, 2)
      assert.match(plainLines(run).at(-1) ?? '', /the first: \S+:2:\d+ .*"emial".* \(TS\d+\)$/)
    }
  })

  it('accepts a job whose types are right', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD, 'package.json': '{ "type": "module" }' })
    workspaceModules(join(place.cwd, 'node_modules'))
    const { code, stderr } = await sluice(['check', 'job.ts'], { ...place, env: { SLUICE_LOG: 'silent' } })
    assert.equal(code, 0)
    assert.match(stderr, /^people {2}checked/)
  })
})

function workspaceModules(path: string): void {
  mkdirSync(path)
  symlinkSync(TYPESCRIPT, join(path, 'typescript'))
}
