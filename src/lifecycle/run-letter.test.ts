import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { defineJob } from './job.ts'
import type { RunReport } from './report.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

/** What fails before there is a row to blame. */
const FAILURES: readonly (readonly [what: string, input: string | undefined, code: string])[] = [
  ['a source that is not there', undefined, 'source-not-found'],
  ['a header that lacks a column', 'name\nx\n', 'missing-label'],
  ['a header that names a column twice', 'id,id\n1,2\n', 'duplicate-label'],
  ['a source without rows', 'id\n', 'empty-source'],
]

describe('a run that fails for another reason than its rows', () => {
  for (const [what, input, code] of FAILURES) {
    it(`leaves one letter that says so: ${what}`, async () => {
      using box = sandbox('run-letter')
      const at = (name: string) => join(box.path, name)
      if (input !== undefined) writeFileSync(at('in.csv'), input)
      const job = defineJob({
        name: 'job',
        extract: readCsv(at('in.csv')),
        validate: { requiredColumns: ['id'] },
        load: writeCsv(at('out.csv')),
        deadLetters: at('dead.jsonl'),
      })
      await assert.rejects(runJob(job, { state: at('state'), runId: 'run' }), (error: SluiceError) => {
        assert.equal(error.code, code)
        const report = (error.report as RunReport).toJSON()
        assert.deepEqual(report['dead_letters'], { path: at('dead.jsonl'), letters: 1, delivered: true })
        return true
      })
      const letter = JSON.parse(readFileSync(at('dead.jsonl'), 'utf8'))
      assert.deepEqual([letter.kind, letter.run_id, letter.errors[0].code], ['run', 'run', code])
    })
  }
})
