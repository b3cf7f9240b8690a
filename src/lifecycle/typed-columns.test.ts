import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { defineJob, type RowStream, type RunReport, readCsv, runJob, type Untyped, writeCsv } from '../index.ts'
import type { Rules } from '../validation/rules.ts'
import { previewJob } from './preview.ts'

const place = mkdtempSync(join(tmpdir(), 'sluice-typed-'))
after(() => rmSync(place, { recursive: true }))

const TYPES = { d: 'date', t: 'timestamptz', m: 'decimal(6,2)', n: 'number', i: 'integer', b: 'boolean' } as const
const TEXT = 'd,t,m,n,i,b\n2026-01-02,2026-01-02T10:00:00.5+01:00,1.5,1.50,007,TRUE\n,,,,,\n'

// biome-ignore lint/suspicious/noExplicitAny: a plan over columns that only the test knows
function jobOf(text: string, transform: (rows: RowStream<Untyped>) => RowStream<any>, validate: Rules<any> = {}) {
  writeFileSync(join(place, 'in.csv'), text)
  const [extract, load] = [readCsv(join(place, 'in.csv')), writeCsv(join(place, 'out.csv'))]
  return defineJob({ name: 'typed', extract, transform, validate, onInvalid: 'quarantine', load })
}

async function run(...job: Parameters<typeof jobOf>): Promise<{ output: string; report: RunReport }> {
  const report = await runJob(jobOf(...job), { state: join(place, 'state') })
  return { output: readFileSync(join(place, 'out.csv'), 'utf8'), report }
}

describe('a job with typed columns', () => {
  it('writes them as their types do, and nulls as nothing', async () => {
    const { output } = await run(TEXT, (rows) => rows.cast(TYPES))
    assert.equal(output, 'd,t,m,n,i,b\n2026-01-02,2026-01-02T09:00:00.500Z,1.50,1.5,7,true\n,,,,,\n')
  })

  it('writes one alone in the same way', async () => {
    const { output } = await run(TEXT, (rows) => rows.cast(TYPES).select('d'))
    assert.equal(output, 'd\n2026-01-02\n""\n')
  })

  it('judges them by what is written', async () => {
    const { report } = await run(TEXT, (rows) => rows.cast(TYPES), {
      requiredColumns: ['d'],
      uniqueColumns: ['i'],
      stringPatterns: { d: /\d{4}-\d\d-\d\d/, m: /\d+\.\d\d/, b: /true|false/ },
    })
    assert.deepEqual([report.rows.loaded, report.rows.rejected], [1, 1])
  })

  it('shows a day as a day', async () => {
    const { rows } = await previewJob(
      jobOf(TEXT, (all) => all.cast(TYPES).select('d', 'n')),
      { rows: 1 },
    )
    assert.deepEqual(rows, [['2026-01-02', 1.5]])
  })
})
