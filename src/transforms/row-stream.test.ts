import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { defineJob, readCsv, runJob, SluiceError, writeCsv } from '../index.ts'
import { cleanEmail } from './clean-email.ts'
import { RowStream } from './row-stream.ts'
import { standardizePhone } from './standardize-phone.ts'

const place = mkdtempSync(join(tmpdir(), 'sluice-verbs-'))
after(() => rmSync(place, { recursive: true }))

// biome-ignore lint/suspicious/noExplicitAny: what a program without types may call
const rows = new RowStream() as any
const value = (v: unknown) => v

describe('a verb', () => {
  const wrong: [string, () => unknown, RegExp][] = [
    ['cast to nothing known', () => rows.cast({ a: 'floaty' }), /cast: a must be "string" or "number"/],
    ['cast of nothing', () => rows.cast(), /cast: the options must be an object/],
    ['select of nothing', () => rows.select(), /select: name the columns/],
    ['withColumn without a name', () => rows.withColumn('', value), /the name of the column is missing/],
    ['withColumn without a function', () => rows.withColumn('a'), /withColumn\(a\) needs a function/],
    ['withColumn of no columns', () => rows.withColumn('a', [], value), /must be an array of names/],
    ['withColumn of one name', () => rows.withColumn('a', 'b', value), /must be an array of names/],
    ['filter without a test', () => rows.filter('a'), /filter\(a\) needs a function/],
    ['mapRows without a function', () => rows.mapRows(), /mapRows needs a function/],
    ['mapRows with a typing error', () => rows.mapRows(value, { concurency: 1 }), /did you mean "concurrency"/],
    ['mapRows with no calls at all', () => rows.mapRows(value, { concurrency: 0 }), /a whole number from 1/],
    ['mapRows without columns', () => rows.mapRows(value, { columns: [] }), /columns must be an array/],
    ['cleanEmail', () => cleanEmail({ onInvalid: 'x' } as never), /onInvalid must be "reject" or "null" or "keep"/],
    ['cleanEmail with a typing error', () => cleanEmail({ oninvalid: 'null' } as never), /did you mean "onInvalid"/],
    ['standardizePhone', () => standardizePhone({ onInvalid: 'x' } as never), /onInvalid must be "reject"/],
    ['standardizePhone of an extension', () => standardizePhone({ onExtension: 'y' } as never), /onExtension must be/],
    ['standardizePhone elsewhere', () => standardizePhone({ country: 'US' } as never), /no option "country"/],
  ]
  for (const [what, make, message] of wrong) {
    it(`that makes no sense is refused with \`job-invalid\`: ${what}`, () => {
      assert.throws(make, { code: 'job-invalid', message })
    })
  }

  const late: [string, (rows: RowStream) => RowStream<never>, RegExp][] = [
    ['leaves no column', (plan) => plan.drop('a', 'b') as never, /drop\(a, b\): no column would be left/],
    ['names a column nothing', (plan) => plan.rename({ a: '' }) as never, /a column would have no name/],
  ]
  for (const [what, transform, message] of late) {
    it(`that ${what} ends the run with \`job-invalid\``, async () => {
      const error = await run(transform as never).catch((failure) => failure)
      assert.ok(error instanceof SluiceError)
      assert.equal(error.code, 'job-invalid')
      assert.match(error.message, message)
    })
  }
})

function run(transform: (rows: RowStream<Record<string, string | null>>) => RowStream): Promise<unknown> {
  const input = join(place, 'in.csv')
  writeFileSync(input, 'a,b\n1,2\n')
  const load = writeCsv(join(place, 'out.csv'))
  return runJob(defineJob({ name: 'verbs', extract: readCsv(input), transform, load }), { state: join(place, 'state') })
}
