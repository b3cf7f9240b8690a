import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { ERRORS } from '../../errors.ts'
import { SCHEMA_VERSION } from '../../lifecycle/schema-version.ts'
import { CUSTOMERS, GOOD, jobText } from './testing/customers.ts'
import { ensureBuilt, sluice, workspace } from './testing/sluice.ts'

const SCHEMA = JSON.parse(readFileSync(join(import.meta.dirname, '../../../docs/report.schema.json'), 'utf8'))
// Formats are for readers: what a date is, another package would have to say.
const valid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(SCHEMA)

const RULES = ['--required', 'id,name', '--unique', 'id', '--clean-email', 'email']

const ENDLESS = `import { Writable } from 'node:stream'
import { defineJob, readRows, writeRows } from 'sluice'
const load = writeRows(new Writable({ objectMode: true, write() {} }))
export default defineJob({ name: 'endless', extract: readRows([{ id: 1 }]), load })
`

const ODD = `import { datasetRule, defineJob, readCsv, required, writeCsv } from 'sluice'
const never = datasetRule({ name: 'never', start: () => 0, add: (n) => n, end: () => 'there is always something' })
export default defineJob({
  name: 'odd',
  extract: readCsv('in.csv'),
  validate: { rules: [required('name', { severity: 'warn', maxFailed: 5 }), never] },
  load: writeCsv('out.csv'),
})
`

/** Commands whose report has each status, and those whose report has odd parts. */
const REPORTS: readonly (readonly [status: string, args: readonly string[]])[] = [
  ['committed', ['run', 'good.ts']],
  ['committed', ['load', 'in.csv', 'out.csv', ...RULES, '--on-invalid', 'quarantine']],
  ['committed', ['load', '-', 'out.csv', '--allow-empty']],
  ['invalid', ['load', 'in.csv', 'out.csv', ...RULES]],
  ['invalid', ['run', 'odd.ts']],
  ['failed', ['load', 'nothing.csv', 'out.csv']],
  ['failed', ['run', 'nothing.ts']],
  ['failed', ['load', '--bogus']],
  ['checked', ['check', 'good.ts']],
  ['checked', ['run', 'good.ts', '--dry-run']],
  ['invalid', ['check', 'odd.ts']],
  ['in_doubt', ['run', 'endless.ts']],
]

describe('the JSON Schema of reports', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('is that of this version, with all its error codes', () => {
    assert.equal(SCHEMA.properties.schema_version.const, SCHEMA_VERSION)
    assert.deepEqual(SCHEMA.$defs.code.enum, Object.keys(ERRORS))
  })

  for (const [status, args] of REPORTS) {
    it(`describes the report of ${args.join(' ')}: ${status}`, async () => {
      using place = scene()
      const { stdout } = await sluice([...args, '--json'], { ...place, input: 'id\n' })
      check(stdout, status)
    })
  }

  for (const [at, job, status] of [
    ['split-staged', 'good.ts', 'failed'],
    ['target-switched', 'good.ts', 'committed'],
    ['stream-delivering', 'endless.ts', 'in_doubt'],
  ] as const) {
    it(`describes the report of a run that was killed at ${at} and recovered: ${status}`, async () => {
      using place = scene()
      await sluice(['run', job, '--run-id', 'r'], { ...place, env: { SLUICE_CRASH_AT: at } })
      await sluice(['recover'], place)
      const { stdout } = await sluice(['runs', 'r', '--json'], place)
      check(stdout, status)
      assert.equal(JSON.parse(stdout).recovered, true)
    })
  }

  it('describes the report of a run that could not tell how it ended', async () => {
    using place = scene()
    const env = { SLUICE_NOTIFY: 'http://127.0.0.1:9/nobody' }
    const { code, stdout } = await sluice(['run', 'good.ts', '--json'], { ...place, env })
    assert.equal(code, 0)
    check(stdout, 'committed')
    assert.equal(JSON.parse(stdout).notifications[0].status, 'failed')
  })

  it('accepts nothing else', () => {
    assert.equal(valid({}), false)
  })
})

function scene() {
  const files = { 'in.csv': CUSTOMERS, 'good.csv': GOOD, 'odd.ts': ODD, 'endless.ts': ENDLESS }
  return workspace({ ...files, 'good.ts': jobText().replace('in.csv', 'good.csv') })
}

function check(text: string, status: string): void {
  const report = JSON.parse(text)
  assert.deepEqual([valid(report), valid.errors], [true, null])
  assert.equal(report.status, status)
}
