import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { defineJob } from './job.ts'
import type { RunReport } from './report.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

describe('the report of what no rule rejected', () => {
  it('counts it by code, and shows the first rows', async () => {
    const { rejects, rows } = await report('id,n\n1,x\n2\n3,4\n4,y\n\n5,6\n')
    assert.equal(rows.rejected, 4)
    const counted = rejects.map(({ code, stage, rows }) => [code, stage, rows])
    assert.deepEqual(counted.sort(), [
      ['blank-row', 'read', 1],
      ['missing-cell', 'read', 1],
      ['type-error', 'transform', 2],
    ])
    const shown = rejects.find(({ code }) => code === 'type-error')
    const message = 'The value is no number.'
    assert.deepEqual(shown?.samples, [
      { source: shown?.samples[0]?.['source'], row: 1, line: 2, column: 'n', value: 'x', code: 'type-error', message },
      { source: shown?.samples[0]?.['source'], row: 4, line: 5, column: 'n', value: 'y', code: 'type-error', message },
    ])
    assert.equal(shown?.samplesTruncated, false)
  })

  it('stays small, however many rows, codes and characters there are', async () => {
    const long = 'x'.repeat(5000)
    const text = Array.from({ length: 300 }, (_, row) => `${row},${long}\n`)
    const { rejects } = await report(`id,n\n${text.join('')}`)
    assert.deepEqual([rejects.length, rejects[0]?.rows, rejects[0]?.samples.length], [1, 300, 20])
    assert.equal(rejects[0]?.samplesTruncated, true)
    assert.equal(String(rejects[0]?.samples[0]?.['value']).length, 1001)
  })

  it('says nothing of rows that rules rejected', async () => {
    assert.deepEqual((await report('id,n\n,1\n')).rejects, [])
  })
})

async function report(text: string): Promise<RunReport> {
  using box = sandbox('rejects')
  const input = join(box.path, 'in.csv')
  writeFileSync(input, text)
  const job = defineJob({
    name: 'rejects',
    extract: readCsv(input),
    transform: (rows) => rows.cast({ n: 'number' }),
    validate: { requiredColumns: ['id'] },
    onInvalid: 'quarantine',
    load: writeCsv(join(box.path, 'out.csv')),
  })
  return await runJob(job, { state: join(box.path, 'state') })
}
