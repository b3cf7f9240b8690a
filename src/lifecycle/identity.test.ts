import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { defineJob } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

describe('a run whose caller says what makes it the same', () => {
  it('is repeated by its first report, whatever became of input, params and code', async () => {
    using place = scene()
    const first = await runJob(place.job(), place.options)
    writeFileSync(place.input, 'id\n2\n')
    const again = await runJob(place.job({ requiredColumns: ['id'] }), { ...place.options, params: { a: 'b' } })
    rmSync(place.input)
    const gone = await runJob(place.job(), place.options)
    assert.deepEqual([again.toJSON(), gone.toJSON()], [first.toJSON(), first.toJSON()])
    assert.equal(readFileSync(place.output, 'utf8'), 'id\n1\n')
  })

  it('runs again when it failed, with a job that was put right', async () => {
    using place = scene()
    await assert.rejects(runJob(place.job({ requiredColumns: ['name'] }), place.options), { code: 'missing-label' })
    assert.equal((await runJob(place.job(), place.options)).status, 'committed')
  })

  it('is none of another job, and of nobody who says something else', async () => {
    using place = scene()
    await runJob(place.job(), place.options)
    const conflict = { code: 'run-id-conflict' }
    await assert.rejects(runJob({ ...place.job(), name: 'other' }, place.options), conflict)
    await assert.rejects(runJob(place.job(), { ...place.options, identity: 'another event' }), conflict)
    const { identity: _, ...silent } = place.options
    await assert.rejects(runJob(place.job(), silent), conflict)
  })
})

function scene() {
  const box = sandbox('identity')
  const at = (name: string) => join(box.path, name)
  const input = at('in.csv')
  writeFileSync(input, 'id\n1\n')
  return {
    input,
    output: at('out.csv'),
    job: (validate = {}) => {
      return defineJob({ name: 'same', extract: readCsv(input), validate, load: writeCsv(at('out.csv')) })
    },
    options: { state: at('state'), runId: 'r1', identity: 'the event' },
    [Symbol.dispose]: () => box[Symbol.dispose](),
  }
}
