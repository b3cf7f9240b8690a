import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readRows } from '../sources/rows.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import { datasetRule } from '../validation/rules/dataset-rule.ts'
import { required } from '../validation/rules/required-columns.ts'
import { rowRule } from '../validation/rules/row-rule.ts'
import { pattern } from '../validation/rules/string-patterns.ts'
import { unique } from '../validation/rules/unique-columns.ts'
import type { Job } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

describe('a function of a job', () => {
  const parts = ['extract', 'transform', 'validate', 'load', 'deadLetters']
  for (const part of parts) {
    it(`that returns nothing as \`${part}\` fails the run`, async () => {
      await refused({ [part]: () => {} }, new RegExp(`^${part} returned nothing; is a \`return\` missing\\?`))
    })

    it(`that is asynchronous as \`${part}\` fails the run`, async () => {
      await refused(
        { [part]: async () => Promise.reject(new Error('unheard')) },
        new RegExp(`^${part} is asynchronous`),
      )
    })
  }

  it('that throws away the rows it made fails the run', async () => {
    await refused({ transform: (rows: RowStream) => void rows.drop('id') }, /^transform returned nothing/)
  })

  it('that makes rules and returns nothing fails the run', async () => {
    await refused({ validate: { rules: () => {} } }, /^validate: the function in `rules` returned nothing/)
  })
})

describe('an option that nobody knows', () => {
  it('is refused, and the one that was meant is named', async () => {
    await refused({ onInvald: 'quarantine' }, /no option "onInvald"; did you mean "onInvalid"\?$/)
  })
})

describe('rules that nobody knows', () => {
  const cases: [string, object, RegExp][] = [
    ['the name of another tool', { required_columns: ['id'] }, /no option "required_columns"; did you mean "requiredC/],
    ['a typing error', { stringPattern: {} }, /did you mean "stringPatterns"\?/],
    ['nothing near', { foo: 1 }, /the options are requiredColumns, uniqueColumns, stringPatterns, rules/],
    ['a name for a list', { requiredColumns: 'id' }, /requiredColumns must be an array of column names/],
    ['a list of other things', { requiredColumns: [5] }, /requiredColumns must be/],
    ['a key without columns', { uniqueColumns: [[]] }, /uniqueColumns must be/],
    [
      'text for a pattern',
      { stringPatterns: { id: '\\d' } },
      /stringPatterns must be an object of columns and regular/,
    ],
    ['no rules', { rules: [5] }, /rules must be an array of rules such as rowRule/],
    ['one rule for a list', { rules: required('id') }, /rules must be an array/],
    ['a list for an object', ['id'], /must be an object/],
  ]
  for (const [what, validate, message] of cases) {
    it(`fail the run: ${what}`, async () => {
      await refused({ validate }, message)
      await refused({ validate: () => validate }, message)
    })
  }

  const makers: [string, () => unknown, RegExp][] = [
    ['required', () => required('id', { severty: 'warn' } as never), /required: .*did you mean "severity"/],
    ['required of nothing', () => required(undefined as never), /the name of the column is missing/],
    ['pattern', () => pattern('id', /x/, { match: 'part' } as never), /match must be "full" or "search"/],
    ['pattern of text', () => pattern('id', 'x' as never), /needs a regular expression/],
    ['unique', () => unique([]), /the name of the column is missing/],
    ['rowRule', () => rowRule(() => true, { maxFailed: -1 }), /maxFailed must be a whole number from 0/],
    [
      'rowRule',
      () => rowRule(() => true, { maxFailedPercent: 101 }),
      /maxFailedPercent must be a number from 0 to 100/,
    ],
    ['rowRule of nothing', () => rowRule(undefined as never), /needs a function/],
    ['datasetRule', () => datasetRule({ start: () => 0, add: () => {} } as never), /datasetRule: `end` is missing/],
  ]
  for (const [what, make, message] of makers) {
    it(`are not made: ${what}`, () => {
      assert.throws(make, { code: 'job-invalid', message })
    })
  }
})

/** The job is refused, and nothing is written. */
async function refused(parts: object, message: RegExp): Promise<void> {
  using box = sandbox('bind')
  const target = join(box.path, 'out.csv')
  const job = { name: 'bind', extract: readRows([{ id: 1 }]), load: writeCsv(target), ...parts } as Job
  await assert.rejects(runJob(job, { state: join(box.path, 'state') }), { code: 'job-invalid', exitCode: 2, message })
  assert.equal(existsSync(target), false)
}
