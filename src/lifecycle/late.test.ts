import assert from 'node:assert/strict'
import { globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { describe, it } from 'node:test'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { readRows } from '../sources/rows.ts'
import { withOrigin } from '../transforms/through.ts'
import { rowRule } from '../validation/rules/row-rule.ts'
import { defineJob, type Job } from './job.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

type Letter = {
  source: string
  row: number
  raw: string
  errors: { code: string; first_row?: number; first_source?: string }[]
}

async function play(directory: string, job: Pick<Job, 'extract' | 'validate'> & Partial<Job>) {
  const target = join(directory, 'out.csv')
  const deadLetters = join(directory, 'dead.jsonl')
  const full = { name: 'late', onInvalid: 'quarantine', deadLetters, load: writeCsv(target), ...job } as Job
  const report = await runJob(full, { state: join(directory, 'state') })
  const lines = readFileSync(deadLetters, 'utf8').split('\n').slice(0, -1)
  const letters = lines.map((line) => JSON.parse(line) as Letter)
  return { report, letters, output: readFileSync(target, 'utf8') }
}

describe('rows that only the judge can reject', () => {
  it('leave whole letters beside letters that hold every kind of line end', async () => {
    using box = sandbox('late')
    const odd = 'a\u2028b\u2029c\u0085d'
    writeFileSync(join(box.path, 'in.csv'), `id,v\n1,${odd}\n1,"${odd}\r\n"\n2,\n3,${odd}\n3,x\n`)
    const extract = readCsv(join(box.path, 'in.csv'))
    const { letters, output } = await play(box.path, {
      extract,
      validate: { uniqueColumns: ['id'], requiredColumns: ['v'] },
    })
    assert.deepEqual(
      letters.map(({ row, raw }) => [row, raw]),
      [
        [3, '2,'],
        [2, `1,"${odd}\r\n"`],
        [5, '3,x'],
      ],
    )
    assert.equal(output, `id,v\n1,${odd}\n3,${odd}\n`)
  })

  it('leave whole letters when rows are objects with such line ends', async () => {
    using box = sandbox('late')
    const rows = ['a\u2028b', 'a\u2028b', 'c', 'c', 'd\n\r'].map((id) => ({ id }))
    const { letters } = await play(box.path, { extract: readRows(rows), validate: { uniqueColumns: ['id'] } })
    assert.deepEqual(
      letters.map(({ row, raw }) => [row, JSON.parse(raw)]),
      [
        [2, rows[1]],
        [4, rows[3]],
      ],
    )
  })

  it('are rejected once, though a stream between put the letters into another order', async () => {
    using box = sandbox('late')
    const count = 6000
    const rows = Array.from({ length: count }, (_, at) => ({ id: at % 3000, v: at % 7 === 0 ? 'bad' : 'good' }))
    const { letters, report, output } = await play(box.path, {
      extract: readRows(rows),
      transform: (plan) => plan.through(() => reversing(), { rows: 'one-to-one' }),
      validate: { uniqueColumns: ['id'], rules: [rowRule((row) => row['v'] === 'good', { name: 'good' })] },
    })
    const ids = letters.map(({ row }) => row)
    assert.equal(new Set(ids).size, ids.length, 'no row has two letters')
    assert.equal(report.rows.rejected + report.rows.loaded, count)
    const published = output.split('\n').slice(1, -1)
    assert.equal(published.length, report.rows.loaded)
    assert.equal(new Set(published).size, published.length)
    const bad = rows.flatMap(({ v }, index) => (v === 'bad' ? [index + 1] : []))
    for (const row of bad) assert.ok(ids.includes(row))
  })

  it('go with all rows that were made of their record', async () => {
    using box = sandbox('late')
    const rows = [{ id: 1 }, { id: 2 }, { id: 3 }, { id: 1 }, { id: 4 }]
    const twice = () =>
      new Transform({
        objectMode: true,
        transform(row: { id: number }, _encoding, done) {
          this.push(withOrigin({ id: row.id, copy: row.id === 1 ? 'same' : `${row.id}a` }, row))
          this.push(withOrigin({ id: row.id, copy: row.id === 4 ? null : `${row.id}b` }, row))
          done()
        },
      })
    const { letters, output } = await play(box.path, {
      extract: readRows(rows),
      transform: (plan) => plan.through(twice, { rows: 'expand' }),
      validate: { uniqueColumns: ['copy'], requiredColumns: ['copy'] },
    })
    assert.equal(output, 'id,copy\n1,same\n1,1b\n2,2a\n2,2b\n3,3a\n3,3b\n4,4a\n')
    assert.deepEqual(
      letters.map(({ row, errors }) => [row, errors.map(({ code }) => code)]),
      [
        [5, ['missing-value']],
        [4, ['duplicate-key', 'duplicate-key']],
      ],
    )
  })

  it('name the first row and its file when the key stands in another file', async () => {
    using box = sandbox('late')
    const input = join(box.path, 'in')
    mkdirSync(input)
    writeFileSync(join(input, 'a.csv'), 'id\n1\n2\n')
    writeFileSync(join(input, 'b.csv'), 'id\n')
    writeFileSync(join(input, 'c.csv'), 'id\n3\n2\n1\n')
    const { report, letters, output } = await play(box.path, {
      extract: readCsv(input, { allowEmpty: true }),
      validate: { uniqueColumns: ['id'] },
    })
    const found = letters.map(({ source, row, errors: [error] }) => {
      return [source.slice(-5), row, error?.first_row, error?.first_source?.slice(-5)]
    })
    assert.deepEqual(found, [
      ['c.csv', 2, 2, 'a.csv'],
      ['c.csv', 3, 1, 'a.csv'],
    ])
    const [rule] = (report.toJSON() as { rules: { samples: Record<string, unknown>[] }[] }).rules
    const file = join(input, 'a.csv')
    assert.deepEqual(
      rule?.samples.map(({ first_row, first_source, message }) => [first_row, first_source, message]),
      [2, 1].map((row) => [row, file, `The key id stands already in row ${row} of ${file}.`]),
    )
    assert.equal(output, 'id\n1\n2\n3\n')
  })

  it('do not publish what somebody did to the staged rows', async () => {
    using box = sandbox('late')
    writeFileSync(join(box.path, 'in.csv'), `id\n${'1\n2\n3\n'.repeat(10)}`)
    const job = defineJob({
      name: 'late',
      extract: readCsv(join(box.path, 'in.csv')),
      validate: { uniqueColumns: ['id'] },
      onInvalid: 'quarantine',
      load: writeCsv(join(box.path, 'out.csv')),
    })
    const run = runJob(job, {
      state: join(box.path, 'state'),
      onEvent: ({ type }) => {
        if (type !== 'SplitStaged') return
        for (const part of globSync(join(box.path, '.*', '*00000*'))) writeFileSync(part, 'id\n1\n')
      },
    })
    await assert.rejects(run, { code: 'staged-lost', exitCode: 4 })
  })
})

/** Gives the rows out in blocks, each from its end. */
function reversing(): Transform {
  let held: unknown[] = []
  return new Transform({
    objectMode: true,
    transform(row, _encoding, done) {
      held.push(row)
      if (held.length === 700) for (const one of held.splice(0).reverse()) this.push(one)
      done()
    },
    flush(done) {
      for (const one of held.reverse()) this.push(one)
      held = []
      done()
    },
  })
}
