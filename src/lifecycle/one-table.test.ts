import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { defineJob, readCsv, runJob, unique, writeCsv } from '../index.ts'

let place: string
let input: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sluice-one-table-'))
  input = join(place, 'in')
  mkdirSync(input)
})
afterEach(() => rmSync(place, { recursive: true }))

describe('several inputs for one output', () => {
  it('are refused when their columns differ in name or order, and nothing is written', async () => {
    for (const second of ['name,id\nb,2\n', 'id,other\n2,b\n', 'id\n2\n']) {
      write('id,name\n1,a\n', second)
      const output = join(place, 'out.csv')
      const job = defineJob({ name: 'two', extract: readCsv(input), load: writeCsv(output) })
      const error = await runJob(job, { state: join(place, 'state') }).catch((e) => e)
      assert.equal(error.code, 'missing-label')
      assert.match(error.message, /a\.csv has id, name; .*b\.csv has /)
      assert.equal(existsSync(output), false)
    }
  })

  it('are put together when a select makes them alike', async () => {
    write('id,name\n1,a\n', 'name,id\nb,2\n')
    const output = join(place, 'out.csv')
    const job = defineJob({
      name: 'two',
      extract: readCsv(input),
      transform: (rows) => rows.select('id', 'name'),
      load: writeCsv(output),
    })
    await runJob(job, { state: join(place, 'state') })
    assert.equal(readFileSync(output, 'utf8'), 'id,name\n1,a\n2,b\n')
  })

  it('commit without the duplicates that a rule tolerates', async () => {
    write('id,name\n1,a\n', 'id,name\n1,b\n2,c\n')
    const output = join(place, 'out.csv')
    const job = defineJob({
      name: 'two',
      extract: readCsv(input),
      validate: { rules: [unique('id', { maxFailed: 1 })] },
      load: writeCsv(output),
    })
    const report = await runJob(job, { state: join(place, 'state') })
    assert.equal(readFileSync(output, 'utf8'), 'id,name\n1,a\n2,c\n')
    assert.deepEqual([report.rows.loaded, report.rows.rejected], [2, 1])
  })
})

function write(first: string, second: string): void {
  writeFileSync(join(input, 'a.csv'), first)
  writeFileSync(join(input, 'b.csv'), second)
}
