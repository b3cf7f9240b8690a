import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defineJob } from '../../lifecycle/job.ts'
import { runJob } from '../../lifecycle/run.ts'
import { sandbox } from '../../lifecycle/testing/sandbox.ts'
import { writeCsv } from '../../sinks/csv.ts'
import { readRows } from '../../sources/rows.ts'
import { sql } from '../sql.ts'

describe('columns whose names differ in case alone', () => {
  const twins: Record<string, string>[] = [{ id: '1', ID: '2' }]
  const plain: Record<string, string>[] = [{ id: '1' }]
  const cases = { input: [twins, plain], others: [plain, twins] } as const
  for (const [table, [input, others]] of Object.entries(cases)) {
    it(`are refused in the table ${table}, and not renamed`, async () => {
      using box = sandbox('twins')
      const job = defineJob({
        name: 'twins',
        extract: readRows(input),
        transform: (rows) => rows.pipe(sql(`select * from ${table}`, { inputs: { others: readRows(others) } })),
        load: writeCsv(`${box.path}/out.csv`),
      })
      await assert.rejects(runJob(job, { state: `${box.path}/state` }), {
        code: 'job-invalid',
        message: `sql: the columns "id" and "ID" of ${table} differ in upper and lower case alone, which does not count in queries: rename one, or leave it out.`,
      })
    })
  }
})
