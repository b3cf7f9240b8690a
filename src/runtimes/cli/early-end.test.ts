import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { ensureBuilt, plainLines, sluice, workspace } from './testing/sluice.ts'

const NEVER = 'new Promise<never>(() => {})'
const ROWS = 'extract: readRows([{ id: 1 }])'
const INTO_FILE = `load: writeCsv('out.csv')`

/** Jobs that never come to an end, and what stays undecided. */
const ENDLESS: readonly (readonly [what: string, parts: string])[] = [
  ['a function', `${ROWS}, transform: (rows) => rows.mapRows(() => ${NEVER}), ${INTO_FILE}`],
  [
    'a stream of its own',
    `${ROWS}, transform: (rows) => rows.through(() => new Transform({ objectMode: true, transform() {} }), { rows: 'filter' }), ${INTO_FILE}`,
  ],
  ['its source', `extract: readRows((async function* () { yield { id: 1 }; await ${NEVER} })()), ${INTO_FILE}`],
]

const WAITS = /^error: The job waits for something that never comes, such as/

describe('a job that waits for what never comes', { concurrency: 2 }, () => {
  before(ensureBuilt)

  for (const [what, parts] of ENDLESS) {
    it(`fails and leaves nothing behind when that is ${what}`, async () => {
      using place = workspace({ 'job.ts': jobOf(parts) })
      const run = await sluice(['run', 'job.ts', '--json'], place)
      const { error, status, run_id: runId } = JSON.parse(run.stdout)
      assert.deepEqual([run.code, error.code, status, typeof runId], [4, 'unfinished', 'failed', 'string'])
      assert.match(plainLines(run).join('\n'), WAITS)
      assert.deepEqual(readdirSync(place.cwd).sort(), ['.sluice', 'job.ts'])
      assert.deepEqual(readdirSync(join(place.cwd, '.sluice/runs')), [])
    })
  }

  it('is in doubt when the run was decided', async () => {
    const parts = `${ROWS}, load: writeRows(new Writable({ objectMode: true, write() {} }))`
    using place = workspace({ 'job.ts': jobOf(parts) })
    const run = await sluice(['run', 'job.ts', '--json', '--run-id', 'r'], place)
    const { error, status, run_id: runId, job } = JSON.parse(run.stdout)
    assert.deepEqual([run.code, error.code, status, runId, job], [5, 'in-doubt', 'in_doubt', 'r', 'endless'])
    assert.match(plainLines(run).join('\n'), /^error: The job waits .* Run `sluice recover` to finish or undo run r\.$/)
    const recovered = await sluice(['recover'], place)
    assert.match(recovered.stdout, /^r +endless +in-doubt/)
  })

  it('fails while its file loads, and in a preview', async () => {
    using place = workspace({ 'job.ts': `await ${NEVER}\n`, 'rows.ts': jobOf(ENDLESS[0]?.[1] ?? '') })
    for (const args of [
      ['run', 'job.ts', '--json'],
      ['preview', 'rows.ts'],
    ]) {
      const run = await sluice(args, place)
      assert.equal(run.code, 4)
      assert.match(run.stderr, WAITS)
      if (args.includes('--json')) assert.equal(JSON.parse(run.stdout).error.code, 'unfinished')
    }
  })
})

describe('a job that ends the process', { concurrency: 2 }, () => {
  before(ensureBuilt)

  it('does not pass for a success, neither while its file loads nor in a run', async () => {
    const mapped = `${ROWS}, transform: (rows) => rows.mapRows(() => process.exit(0)), ${INTO_FILE}`
    using place = workspace({ 'job.ts': 'process.exit(0)\n', 'rows.ts': jobOf(mapped) })
    for (const [job, end] of [
      ['job.ts', 'Nothing was written.'],
      ['rows.ts', 'Run `sluice recover` to finish or undo run r.'],
    ] as const) {
      const run = await sluice(['run', job, '--json', '--run-id', 'r'], place)
      assert.deepEqual([run.code, JSON.parse(run.stdout).error.code], [4, 'unfinished'])
      const line = `error: The job ended the process before the work was done: it must not call process.exit. ${end}`
      assert.deepEqual(plainLines(run), [line])
    }
    assert.match((await sluice(['recover'], place)).stdout, /^r +endless +undone/)
  })
})

function jobOf(parts: string): string {
  return `import { Transform, Writable } from 'node:stream'
import { defineJob, readRows, writeCsv, writeRows } from 'sluice'
export default defineJob({ name: 'endless', ${parts} })
`
}
