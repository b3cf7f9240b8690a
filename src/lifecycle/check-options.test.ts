import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Logger } from '../context.ts'
import type { SluiceError } from '../errors.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readRows } from '../sources/rows.ts'
import { defineJob } from './job.ts'
import { runJob } from './run.ts'
import type { RunOptions } from './run-options.ts'
import { sandbox } from './testing/sandbox.ts'

const WRONG: readonly (readonly [options: unknown, why: RegExp])[] = [
  [null, /they must be an object/],
  [{ state: 5 }, /state must be a text that is not empty/],
  [{ state: '' }, /state must be a text/],
  [{ bogus: 1 }, /there is no option "bogus"; the options are environment, params, runId, state/],
  [{ params: { day: 1 } }, /params must be an object whose values are texts/],
  [{ signal: {} }, /signal must be an AbortSignal/],
  [{ log: { info() {} } }, /log must be a logger/],
  [{ onEvent: true, dryRun: 'yes' }, /onEvent must be a function; dryRun must be true or false/],
]

describe('the options of a run', () => {
  for (const [options, why] of WRONG) {
    it(`are refused as usage: ${JSON.stringify(options)}`, async () => {
      using box = sandbox('options')
      await assert.rejects(runJob(jobTo(box.path), options as RunOptions), (error: SluiceError) => {
        assert.equal(error.code, 'usage')
        assert.match(error.message, why)
        return true
      })
      assert.deepEqual(readdirSync(box.path), [])
    })
  }

  it('may be there and undefined', async () => {
    using box = sandbox('options')
    const options = { state: join(box.path, 's'), params: undefined } as unknown as RunOptions
    assert.equal((await runJob(jobTo(box.path), options)).status, 'committed')
  })

  it('may hold a log that throws: it changes nothing of what becomes of the run', async () => {
    using box = sandbox('options')
    const fail = () => {
      throw new Error('the log is full')
    }
    const log: Logger = { debug: fail, info: fail, warn: fail, error: fail }
    assert.equal((await runJob(jobTo(box.path), { state: join(box.path, 's'), log })).status, 'committed')
  })
})

function jobTo(path: string) {
  return defineJob({ name: 'some', extract: readRows([{ id: 1 }]), load: writeCsv(join(path, 'out.csv')) })
}
