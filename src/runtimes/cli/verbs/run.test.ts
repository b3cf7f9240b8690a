import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { CUSTOMERS, GOOD, jobText } from '../testing/customers.ts'
import { ensureBuilt, jsonLines, plainLines, sluice, workspace } from '../testing/sluice.ts'

describe('sluice run', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('loads, logs and says so on stderr, and writes nothing to stdout', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const run = await sluice(['run', 'job.ts', '--run-id', 'r1'], place)
    assert.equal(run.code, 0)
    assert.equal(readFileSync(join(place.cwd, 'out.csv'), 'utf8'), GOOD.toLowerCase())
    assert.equal(run.stdout, '')
    const summary = plainLines(run).join('\n')
    assert.match(summary, /^people {2}committed {2}in [\d.]+ s\n/)
    assert.match(summary, /2 read, 0 filtered, 0 rejected, 2 loaded/)
    assert.match(summary, /out\.csv {2}2 rows, 45 B, sha256 [0-9a-f]{12}…/)
    const log = jsonLines(run.stderr)
    assert.deepEqual(
      log.map((line) => line['msg']),
      ['planned', 'staged', 'judged', 'decided', 'committed', 'audited'],
    )
    for (const line of log)
      assert.deepEqual([line['run_id'], line['job'], line['correlation_id']], ['r1', 'people', 'r1'])
  })

  it('writes one report and nothing else to stdout with --json', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const { code, stdout } = await sluice(['run', 'job.ts', '--json'], place)
    const report = JSON.parse(stdout)
    assert.equal(code, 0)
    assert.equal(stdout.trimEnd().includes('\n'), false)
    assert.equal(report.status, 'committed')
    assert.equal(report.error, null)
    assert.deepEqual(report.rows, {
      ...{ read: 2, produced: 0, consumed: 0, filtered: 0, rejected: 0 },
      ...{ staged: 2, loaded: 2 },
    })
  })

  it('exits with 3, writes nothing and shows what is wrong when rows are invalid', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': `${GOOD},x@example.com\n` })
    const run = await sluice(['run', 'job.ts'], place)
    assert.equal(run.code, 3)
    assert.equal(existsSync(join(place.cwd, 'out.csv')), false)
    assert.equal(run.stdout, '')
    assert.match(run.stderr, /people {2}invalid/)
    assert.match(run.stderr, /✗ id\.required_columns: 1 row of 3\n\s+in\.csv:4 {2}"id" is required and empty\./)
    assert.match(run.stderr, /\nerror: .*Nothing was written\. The rejected rows are in .*\.jsonl\.\n/)
    assert.equal(jsonLines(run.stderr).at(-1)?.['level'], 'error')
  })

  it('exits with 4 and a report when the source is not there', async () => {
    using place = workspace({ 'job.ts': jobText() })
    const quiet = { ...place, env: { SLUICE_LOG: 'silent' } }
    const { code, stdout, stderr } = await sluice(['run', 'job.ts', '--json'], quiet)
    assert.equal(code, 4)
    const report = JSON.parse(stdout)
    assert.equal(report.status, 'failed')
    assert.equal(report.error.code, 'source-not-found')
    assert.match(report.error.message, /in\.csv/)
    assert.equal(stderr, `error: ${report.error.message}\n`)
    const told = await sluice(['run', 'job.ts'], quiet)
    assert.equal(told.stdout, '')
    assert.match(
      told.stderr,
      /^people {2}failed .*\n(?: .*\n)*error: Cannot read .*in\.csv: it does not exist\. Check the path\.\n$/,
    )
  })

  it('returns the first report for a repeated run id, and does nothing', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const args = ['run', 'job.ts', '--run-id', 'same', '--json']
    const first = await sluice(args, place)
    const second = await sluice(args, place)
    assert.equal(second.code, 0)
    assert.equal(second.stdout, first.stdout)
    const told = await sluice(['run', 'job.ts', '--run-id', 'same'], place)
    assert.match(told.stderr, /same \(local\) {2}of .*; nothing was done now/)
  })

  it('exits with 2 when the run id belongs to another job', async () => {
    using place = workspace({ 'job.ts': jobText(), 'other.ts': jobText(`onInvalid: 'quarantine'`), 'in.csv': GOOD })
    await sluice(['run', 'job.ts', '--run-id', 'same'], place)
    const { code, stdout, stderr } = await sluice(['run', 'other.ts', '--run-id', 'same', '--json'], place)
    assert.equal(code, 2)
    assert.equal(JSON.parse(stdout).error.code, 'run-id-conflict')
    assert.match(stderr, /error: The run id same is that of .*: take another one\./)
  })

  it('gives params and Glue-style arguments to the job', async () => {
    const job = jobText().replace(
      `readCsv('in.csv')`,
      `({ params }) => readCsv(params.JOB_NAME + '-' + params.day + '.csv')`,
    )
    using place = workspace({ 'job.ts': job, 'nightly-monday.csv': GOOD })
    const run = await sluice(['run', 'job.ts', '--JOB_NAME', 'nightly', '--Dir=x', '--param', 'day=monday'], place)
    assert.equal(run.code, 2)
    const glue = ['--JOB_ID', 'j_1', '--job-bookmark-option', 'job-bookmark-disable', '--TempDir', 's3://b/t/']
    const args = ['run', 'job.ts', '--JOB_NAME', 'nightly', '--KEY=v', '--param', 'day=monday', ...glue]
    const right = await sluice(args, place)
    assert.equal(right.code, 0, right.stderr)
  })

  it('names the params that a job needs and does not get, before anything is read', async () => {
    using place = workspace({ 'job.ts': jobText(`requiredParams: ['JOB_NAME', 'day', 'KEY']`) })
    const run = await sluice(['run', 'job.ts', '--KEY', 'v'], place)
    assert.equal(run.code, 2)
    assert.equal(run.stderr, 'error: The job people needs the params JOB_NAME, day: --JOB_NAME VALUE.\n')
    assert.equal(existsSync(join(place.cwd, '.sluice')), false)
  })

  it('commits nothing in a dry run and leaves no trace of it', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const { code, stdout } = await sluice(['run', 'job.ts', '--dry-run', '--json', '--run-id', 'dry'], place)
    assert.equal(code, 0)
    assert.equal(JSON.parse(stdout).status, 'checked')
    assert.deepEqual(globSync('{.,}*', { cwd: place.cwd }).sort(), ['.sluice', 'in.csv', 'job.ts'])
    assert.deepEqual(globSync('.sluice/{runs,ledger,audit,settled}/*', { cwd: place.cwd }), [])
    const real = await sluice(['run', 'job.ts', '--json', '--run-id', 'dry'], place)
    assert.equal(JSON.parse(real.stdout).status, 'committed')
  })

  it('writes a secret param nowhere', async () => {
    const canary = 'canary-5f1c0e'
    using place = workspace({ 'job.ts': jobText(), 'in.csv': CUSTOMERS })
    const args = ['--param', `api_token=${canary}`, '--PASSWORD', canary]
    const human = await sluice(['run', 'job.ts', ...args], { ...place, env: { SLUICE_LOG: 'debug' } })
    const json = await sluice(['run', 'job.ts', '--json', '--verbose', ...args], place)
    const wrong = await sluice(['run', 'job.ts', '--param', canary, '--json'], place)
    for (const { stdout, stderr } of [human, json, wrong]) assert.equal(`${stdout}${stderr}`.includes(canary), false)
    const written = globSync('.sluice/**/*', { cwd: place.cwd, withFileTypes: true }).filter((entry) => entry.isFile())
    assert.ok(written.length > 4)
    for (const file of written) {
      assert.equal(readFileSync(join(file.parentPath, file.name)).includes(canary), false, file.name)
    }
  })

  it('starts the run of a job in TypeScript without a stray warning', async () => {
    using place = workspace({ 'job.ts': jobText(), 'in.csv': GOOD })
    const run = await sluice(['run', 'job.ts'], { ...place, env: { SLUICE_LOG: 'silent' } })
    assert.match(run.stderr, /^people {2}committed {2}in [\d.]+ s\n(?: {2}.*\n)+$/)
  })
})
