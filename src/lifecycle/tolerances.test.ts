import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { acceptedValues, readRows, runJob, writeCsv } from '../index.ts'
import type { RuleOptions } from '../validation/rule.ts'
import { sandbox } from './testing/sandbox.ts'

/** Of 1000 rows so many fail a rule, with these options. Whether the run commits. */
async function commits(failing: number, options: RuleOptions, onInvalid: 'fail' | 'quarantine'): Promise<boolean> {
  using box = sandbox('tolerances')
  const rows = Array.from({ length: 1000 }, (_, index) => ({ a: index < failing ? 'no' : index < 500 ? 'ok' : null }))
  const report = await runJob(
    {
      name: 'tolerances',
      extract: readRows(rows),
      validate: { rules: [acceptedValues('a', ['ok'], options)] },
      onInvalid,
      load: writeCsv(join(box.path, 'out.csv')),
    },
    { state: join(box.path, 'state') },
  ).catch((error) => error.report)
  assert.deepEqual([report.rules[0].evaluated, report.rules[0].failed], [500, failing])
  return report.status === 'committed'
}

describe('the limits of a rule', () => {
  for (const onInvalid of ['fail', 'quarantine'] as const) {
    it(`count the rows that it looked at: ${onInvalid}`, async () => {
      assert.equal(await commits(5, { maxFailedPercent: 1 }, onInvalid), true)
      assert.equal(await commits(6, { maxFailedPercent: 1 }, onInvalid), false)
      assert.equal(await commits(2, { maxFailedPercent: 0.4 }, onInvalid), true)
      assert.equal(await commits(1, { maxFailedPercent: 0 }, onInvalid), false)
    })

    it(`hold both: ${onInvalid}`, async () => {
      assert.equal(await commits(5, { maxFailedPercent: 1, maxFailed: 4 }, onInvalid), false)
      assert.equal(await commits(5, { maxFailedPercent: 0.9, maxFailed: 5 }, onInvalid), false)
      assert.equal(await commits(5, { maxFailedPercent: 1, maxFailed: 5 }, onInvalid), true)
    })

    it(`warn where the rule does no more: ${onInvalid}`, async () => {
      assert.equal(await commits(5, { maxFailedPercent: 0.5, severity: 'warn' }, onInvalid), true)
    })
  }
})
