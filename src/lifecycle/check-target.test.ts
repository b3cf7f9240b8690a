import assert from 'node:assert/strict'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { checkTarget } from './check-target.ts'
import { defineJob } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

/** Where an output may lie, and whether it would be an input of the next run. */
const PLACES: readonly (readonly [from: string, to: string, refused: boolean])[] = [
  ['s3://lake/in/', 's3://lake/in/out.csv', true],
  ['s3://lake/in/', 's3://lake/in/deep/out.csv', true],
  ['s3://lake', 's3://lake/out.csv', true],
  ['s3://lake/in/', 's3://lake/in/_out/out.csv', false],
  ['s3://lake/in/', 's3://lake/in/out/', false],
  ['s3://lake/in/', 's3://lake/in/', false],
  ['s3://lake/in/', 's3://lake/input.csv', false],
  ['s3://lake/in.csv', 's3://lake/in.csv', false],
  ['s3://lake/in/', 'out.csv', false],
]

describe('an output', () => {
  for (const [from, to, refused] of PLACES) {
    it(`is ${refused ? 'refused' : 'taken'} where the next run ${refused ? 'reads' : 'does not read'} it: ${from} to ${to}`, () => {
      const check = () => checkTarget({ source: readCsv(from), sink: writeCsv(to) })
      if (refused) assert.throws(check, { code: 'job-invalid', message: /which is read/ })
      else check()
    })
  }

  it('is refused in the directory that is read, before anything is written', async () => {
    using box = sandbox('target')
    const at = (name: string) => join(box.path, name)
    mkdirSync(at('in'))
    writeFileSync(at('in/a.csv'), 'id\n1\n')
    const run = (to: string) => {
      const job = defineJob({ name: 'copy', extract: readCsv(at('in')), load: writeCsv(to) })
      return runJob(job, { state: at('state') })
    }
    await assert.rejects(run(at('in/out.csv')), { code: 'job-invalid', exitCode: 2 })
    assert.deepEqual(readdirSync(at('in')), ['a.csv'])
    for (const to of ['in/_out.csv', 'in/out/', 'out.csv']) assert.equal((await run(at(to))).status, 'committed')
  })
})
