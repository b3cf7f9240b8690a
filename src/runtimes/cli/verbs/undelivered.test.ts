import assert from 'node:assert/strict'
import { existsSync, readFileSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { ensureBuilt, jsonLines, sluice, workspace } from '../testing/sluice.ts'

/** Puts a directory in the way of the letters when the first row is read. */
const jobText = (onInvalid: string) => `
  import { existsSync, mkdirSync } from 'node:fs'
  import { defineJob, readCsv, writeCsv } from 'sluice'
  export default defineJob({
    name: 'undelivered',
    extract: readCsv('in.csv'),
    transform: (rows) => rows.withColumn('id', (id) => {
      if (!existsSync('bad.jsonl')) mkdirSync('bad.jsonl')
      return id
    }),
    validate: { requiredColumns: ['id'] },
    onInvalid: '${onInvalid}',
    deadLetters: 'bad.jsonl',
    load: writeCsv('out.csv'),
  })`

describe('dead letters that cannot be delivered', { concurrency: 2 }, () => {
  before(ensureBuilt)

  for (const [onInvalid, exit] of [
    ['quarantine', 5],
    ['fail', 3],
  ] as const) {
    it(`make a run that shall ${onInvalid} exit with ${exit}, say where they are, and wait for recover`, async () => {
      using place = workspace({ 'job.ts': jobText(onInvalid), 'in.csv': 'id,n\n1,a\n,b\n' })
      const letters = join(place.cwd, 'bad.jsonl')
      const quiet = { ...place, env: { SLUICE_LOG: 'silent' } }
      const run = await sluice(['run', 'job.ts', '--run-id', 'r', '--json'], quiet)
      const report = JSON.parse(run.stdout)
      assert.equal(run.code, exit)
      assert.equal(existsSync(join(place.cwd, 'out.csv')), exit === 5)
      assert.deepEqual(report.dead_letters, { path: letters, letters: 1, delivered: false })
      const [{ code, message }] = report.unfinished
      assert.equal(code, 'dead-letters-undelivered')
      assert.match(message, /^1 dead letters? waits? in \S*scratch\S*: .*`sluice recover`/)
      if (exit === 5) assert.match(run.stderr, /^error: The data is committed, but `sluice recover` has .*scratch.*\n$/)
      else
        assert.match(run.stderr, /The rejected rows wait in \S*scratch\S*: run `sluice recover` to deliver them\.\n$/)
      assert.equal((await sluice(['recover'], quiet)).code, 5)
      rmdirSync(letters)
      assert.equal((await sluice(['recover'], quiet)).code, 0)
      assert.equal(jsonLines(readFileSync(letters, 'utf8')).length, 1)
      const settled = JSON.parse((await sluice(['runs', 'r', '--json'], quiet)).stdout)
      assert.deepEqual([settled.dead_letters.delivered, settled.unfinished], [true, []])
      if (exit === 3) assert.match(settled.error.message, /The rejected rows are in .*bad\.jsonl\.$/)
    })
  }
})
