import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { z } from 'zod'
import { defineJob, type RunReport, readCsv, runJob, writeCsv } from '../index.ts'

const place = mkdtempSync(join(tmpdir(), 'sluice-schema-'))
after(() => rmSync(place, { recursive: true }))

describe('a schema', () => {
  it('casts what it names and leaves the rest', async () => {
    const schema = z.object({ n: z.number(), d: z.date().nullable() })
    const { output } = await run('n,d,x\n1e2,2026-01-02,07\n-.5,,a\n', schema)
    assert.equal(output, 'n,d,x\n100,2026-01-02T00:00:00Z,07\n-0.5,,a\n')
  })

  const cells: [string, z.ZodType, string, RegExp][] = [
    ['a whole number beyond 2^53', z.number(), '9007199254740993', /beyond 2\^53.*z\.bigint/],
    ['one that is to be coerced', z.coerce.number(), '9007199254740993', /beyond 2\^53/],
    ['one that is to be whole', z.int(), '-9007199254740993', /beyond 2\^53/],
    ['nothing, to be coerced to a number', z.coerce.number(), '', /the value is missing/],
    ['nothing, to be coerced to a date', z.coerce.date(), '', /the value is missing/],
    ['nothing, to be coerced to text', z.coerce.string(), '', /the value is missing/],
    ['nothing, to be coerced and then checked', z.coerce.number().pipe(z.number().min(0)), '', /the value is missing/],
    ['a day that there is not', z.date(), '2026-02-30', /"v": there is no such day/],
    ['a day that there is not, to be coerced', z.coerce.date(), '2026-02-30', /there is no such day/],
    ['a date of another form', z.date(), '01/02/2026', /expected date, received string/],
    ['what it must wait for', z.string().refine(async () => true), 'x', /asynchronous; only mapRows may be/],
  ]
  for (const [what, type, text, message] of cells) {
    it(`rejects ${what}`, async () => {
      const { letters } = await run(`id,v\n1,${text}\n`, z.object({ v: type }))
      assert.equal(letters.length, 1)
      assert.match(letters[0].errors[0].message, message)
    })
  }

  const missing: [z.ZodType, string][] = [
    [z.coerce.number().nullable(), ''],
    [z.coerce.number().optional(), ''],
    [z.coerce.number().default(5), '5'],
    [z.bigint().nullish(), ''],
  ]
  for (const [type, expected] of missing) {
    it(`takes nothing where ${type.def.type} allows it`, async () => {
      assert.equal((await run('id,v\n1,\n', z.object({ v: type }))).output, `id,v\n1,${expected}\n`)
    })
  }
})

describe('what a schema says of whole rows', () => {
  const order = z
    .object({ from: z.date(), to: z.date(), note: z.string().optional() })
    .refine(({ from, to }) => from <= to, { message: 'from is after to', path: ['from'] })
    .superRefine((row, { addIssue }) => {
      if (row.note === undefined) addIssue({ code: 'custom', message: 'a note is missing' })
    })

  it('rejects the rows that it refuses, with all that is wrong, and no others', async () => {
    const text = 'from,to,note\n2026-01-01,2026-01-02,a\n2026-01-03,2026-01-02,b\n2026-01-03,2026-01-02,\n'
    const { output, letters } = await run(text, order)
    assert.equal(output, 'from,to,note\n2026-01-01T00:00:00Z,2026-01-02T00:00:00Z,a\n')
    const errors = letters.map((letter) => letter.errors.map(({ rule, ...error }: { rule: string }) => error))
    const late = { code: 'schema-check', column: 'from', message: 'from is after to' }
    assert.deepEqual(errors, [[late], [late, { code: 'schema-check', message: 'a note is missing' }]])
    assert.deepEqual(
      letters.map(({ stage }) => stage),
      ['transform', 'transform'],
    )
  })

  it('is not asked about rows with cells that are refused already', async () => {
    const { letters } = await run('from,to,note\nx,2026-01-02,a\n', order)
    assert.deepEqual(
      letters.map(({ errors }) => errors.map(({ code }: { code: string }) => code)),
      [['type-error']],
    )
  })

  it('sees what the cells became, not what they were made of', async () => {
    const schema = z.object({ n: z.string().transform(Number) }).refine(({ n }) => n > 1)
    assert.equal((await run('n\n1\n2\n', schema)).output, 'n\n2\n')
  })

  it('sees the columns that it names, and all of them when it is loose', async () => {
    const seen: string[][] = []
    const note = (row: object) => seen.push(Object.keys(row)) > 0
    await run('a,b\n1,2\n', z.object({ a: z.string() }).refine(note))
    await run('a,b\n1,2\n', z.looseObject({ a: z.string() }).refine(note))
    assert.deepEqual(seen, [['a'], ['a', 'b']])
  })

  it('ends the run with `rule-failed` when it throws or waits', async () => {
    const throwing = z.object({ a: z.string() }).refine(() => assert.fail('boom'))
    await assert.rejects(run('a\n1\n', throwing), { code: 'rule-failed', message: /boom/ })
    const waiting = z.object({ a: z.string() }).refine(async () => true)
    await assert.rejects(run('a\n1\n', waiting), { code: 'rule-failed', message: /asynchronous/ })
  })

  it('must not change them', () => {
    const schema = z.object({ a: z.string() }).overwrite((row) => row)
    assert.throws(() => readCsv('in.csv', { schema }), { code: 'job-invalid', message: /overwrite/ })
  })
})

describe('the columns that a schema does not name', () => {
  it('end the run with `extra-label` when it is strict', async () => {
    const strict = z.strictObject({ a: z.string() })
    await assert.rejects(run('a,b\n1,2\n', strict), { code: 'extra-label', exitCode: 3, message: /column "b"/ })
    assert.equal((await run('a\n1\n', strict)).output, 'a\n1\n')
  })

  it('are what its catchall says', async () => {
    const { output, letters } = await run('a,b\n1,2.50\n1,x\n', z.object({ a: z.string() }).catchall(z.number()))
    assert.deepEqual([output, letters[0].errors[0].column], ['a,b\n1,2.5\n', 'b'])
  })
})

// biome-ignore lint/suspicious/noExplicitAny: JSON
async function run(text: string, schema: z.ZodObject): Promise<{ output: string; letters: any[]; report: RunReport }> {
  const [input, target] = [join(place, 'in.csv'), join(place, 'out.csv')]
  writeFileSync(input, text)
  const load = writeCsv(target)
  const job = defineJob({ name: 'schema', extract: readCsv(input, { schema }), onInvalid: 'quarantine', load })
  const report = await runJob(job, { state: join(place, 'state') })
  const { path } = report.deadLetters
  const lines = path === null ? [] : readFileSync(path, 'utf8').split('\n').slice(0, -1)
  return { output: readFileSync(target, 'utf8'), letters: lines.map((line) => JSON.parse(line)), report }
}
