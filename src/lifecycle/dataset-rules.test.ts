import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { aggregate, columnsMatch, completeness, freshness, readRows, rowCount, runJob, writeCsv } from '../index.ts'
import type { Rule } from '../validation/rule.ts'
import { sandbox } from './testing/sandbox.ts'

const ROWS = Array.from({ length: 50_000 }, (_, index) => ({
  id: index,
  amount: index / 100,
  at: new Date(Date.now() - 3_600_000 - index),
  note: index % 4 === 0 ? null : 'x',
}))

/** The findings of a run with one rule. */
async function outcome(rule: Rule<never>) {
  using box = sandbox('dataset-rules')
  const path = join(box.path, 'out.csv')
  const job = { name: 'rules', extract: readRows(ROWS), validate: { rules: [rule] }, load: writeCsv(path) }
  const report = await runJob(job, { state: join(box.path, 'state') }).catch((error) => error.report)
  assert.equal(existsSync(path), report.status === 'committed')
  const [result] = report.rules
  assert.equal(result.evaluated, ROWS.length)
  return [result.type, result.status, result.message]
}

describe('rules on all rows of a run', () => {
  it('pass', async () => {
    const rules: readonly Rule<never>[] = [
      rowCount({ min: 50_000, max: 50_000 }),
      columnsMatch(['id', 'amount', 'at', 'note'], { ordered: true }),
      completeness<never>('note' as never, 75),
      aggregate<never>('amount' as never, { sum: { min: '12499750', max: '12499750' }, mean: { min: 0, max: 250 } }),
      freshness<never>('at' as never, { minutes: 70 }),
    ]
    for (const rule of rules) assert.deepEqual((await outcome(rule)).slice(1), ['passed', undefined])
  })

  it('refuse it', async () => {
    assert.deepEqual(await outcome(rowCount({ min: 50_001 })), [
      ...['row_count', 'failed', 'There are 50000 rows, and at least 50001 are asked for'],
    ])
    assert.deepEqual((await outcome(freshness<never>('at' as never, { minutes: 50 }))).slice(0, 2), [
      'freshness',
      'failed',
    ])
  })

  it('or warn of it', async () => {
    const [, status, message] = await outcome(completeness<never>('note' as never, 76, { severity: 'warn' }))
    assert.deepEqual(
      [status, message],
      ['warned', '12500 of 50000 rows have no "note", and at least 76 % must have one'],
    )
  })
})
