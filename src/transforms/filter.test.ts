import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, it } from 'node:test'
import {
  defineJob,
  isNotNull,
  type RowStream,
  type RunReport,
  readCsv,
  runJob,
  type Untyped,
  writeCsv,
} from '../index.ts'

let place: string
beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), 'sluice-filter-'))
})
afterEach(() => rmSync(place, { recursive: true }))

describe('filter', () => {
  it('drops the rows whose cell or whole row fails the test, and counts them', async () => {
    const byCell = await run('id,n\n1,5\n2,\n3,7\n', (rows) =>
      rows.filter('n', isNotNull).filter('n', (n) => n !== '7'),
    )
    assert.deepEqual([byCell.report.rows.filtered, byCell.output], [2, 'id,n\n1,5\n'])
    const byRow = await run('id,n\n1,5\n2,\n3,7\n', (rows) => rows.filter((row) => row['id'] !== '1'))
    assert.deepEqual([byRow.report.rows.filtered, byRow.output], [1, 'id,n\n2,\n3,7\n'])
  })

  it('keeps a row that has an error for the dead letters, whatever the test says', async () => {
    const { report, output } = await run('id,n\n1,x\n2,\n3,7\n', (rows) =>
      rows
        .cast({ n: 'number' })
        .filter('n', isNotNull)
        .filter('id', (id) => id === '3'),
    )
    assert.deepEqual([report.rows.filtered, report.rows.rejected, output], [1, 1, 'id,n\n3,7\n'])
    const letter = JSON.parse(readFileSync(report.deadLetters.path as string, 'utf8'))
    assert.deepEqual([letter.raw, letter.errors[0].code], ['1,x', 'type-error'])
  })

  it('rejects a row whose test is asynchronous, for a promise is true whatever it will say', async () => {
    const wait = (async () => Promise.reject(new Error('unheard'))) as never
    const byCell = await run('id,n\n1,x\n2,y\n', (rows) => rows.filter('id', wait))
    const byRow = await run('id,n\n1,x\n2,y\n', (rows) => rows.filter(wait))
    for (const { report } of [byCell, byRow]) {
      assert.deepEqual([report.rows.rejected, report.rows.filtered, report.rows.loaded], [2, 0, 0])
      const [letter] = readFileSync(report.deadLetters.path as string, 'utf8').split('\n')
      assert.match(JSON.parse(letter as string).errors[0].message, /the function is asynchronous; only mapRows may be/)
    }
  })

  it('rejects a row whose test throws', async () => {
    const { report } = await run('id,n\n1,x\n2,y\n', (rows) =>
      rows.filter('id', (id) => {
        if (id === '1') throw new Error('no')
        return true
      }),
    )
    assert.deepEqual([report.rows.rejected, report.rows.loaded], [1, 1])
  })
})

async function run<U extends Record<string, unknown>>(
  text: string,
  transform: (rows: RowStream<Untyped>) => RowStream<U>,
): Promise<{ report: RunReport; output: string }> {
  const [input, output] = [join(place, 'in.csv'), join(place, 'out.csv')]
  writeFileSync(input, text)
  const load = writeCsv(output)
  const job = defineJob({ name: 'filter', extract: readCsv(input), transform, onInvalid: 'quarantine', load })
  const report = await runJob(job, { state: join(place, 'state') })
  return { report, output: readFileSync(output, 'utf8') }
}
