import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RunContext, RunEvent, StageCounts } from '../context.ts'
import { duck } from '../parquet/testing/duck.ts'
import type { Untyped } from '../records/shape.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import type { Source } from '../sources/source.ts'
import type { GatherStep, StagedTable } from '../transforms/gather.ts'
import type { RowStream } from '../transforms/row-stream.ts'
import { defineJob, type Job } from './job.ts'
import { previewJob } from './preview.ts'
import { runJob } from './run.ts'
import { sandbox } from './testing/sandbox.ts'

/** Gathers with a query on the staged tables, which this process runs. */
function gatherWith(
  query: (tables: readonly StagedTable[]) => string,
  { inputs = {}, miscount = 0 }: { inputs?: Record<string, unknown>; miscount?: number } = {},
): GatherStep {
  return {
    name: 'own',
    effect: 'gather',
    description: {},
    inputs,
    gather: async (tables, output) => {
      await duck(`copy (${query(tables)}) to '${output}' (format parquet)`)
      const counts = await Promise.all(tables.map(({ files }) => duck(`select count(*) from ${read(files)}`)))
      return counts.reduce((sum, [row]) => sum + Number(row?.[0]), miscount)
    },
  }
}

function read(files: readonly string[]): string {
  return `read_parquet([${files.map((file) => `'${file}'`).join(', ')}])`
}

const counting = gatherWith(([input]) => `select k, count(*) as n from ${read(input!.files)} group by k order by k`)

const FILES = { 'in/a.csv': 'k,v\nx,1\ny,2\nx,3\n', 'in/b.csv': 'k,v\nz,4\nx,5\n' }

function place(files: Readonly<Record<string, string>> = FILES) {
  const box = sandbox('gather')
  const path = (name: string) => join(box.path, name)
  for (const directory of ['in', 'more']) mkdirSync(path(directory))
  for (const [name, text] of Object.entries(files)) writeFileSync(path(name), text)
  const text = (name: string) => readFileSync(path(name), 'utf8')
  const job = (transform: (rows: RowStream<Untyped>) => RowStream, options: Partial<Job> = {}) =>
    defineJob({
      name: 'gather',
      extract: readCsv(path('in')) as Source<Untyped>,
      transform,
      load: writeCsv(path('out.csv')),
      deadLetters: path('letters.jsonl'),
      ...(options as object),
    })
  const letters = () =>
    existsSync(path('letters.jsonl'))
      ? text('letters.jsonl')
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line))
      : []
  return { path, text, job, letters, state: path('state'), [Symbol.dispose]: () => box[Symbol.dispose]() }
}

describe('a step that gathers', () => {
  it('sees the rows of all splits at once, after the steps before it', async () => {
    using at = place()
    const job = at.job((rows) => rows.filter('v', (v) => v !== '2').apply(counting))
    const report = await runJob(job, { state: at.state })
    assert.equal(at.text('out.csv'), 'k,n\nx,3\nz,1\n')
    assert.deepEqual(
      { ...report.rows },
      { read: 5, produced: 2, consumed: 4, filtered: 1, rejected: 0, staged: 2, loaded: 2 },
    )
  })

  it('stands in the account with the rows that it took and made', async () => {
    using at = place()
    const counts: (readonly StageCounts[])[] = []
    const onEvent = (event: RunEvent) => {
      if (event.type === 'SplitStaged') counts.push(event.counts)
    }
    const job = at.job((rows) => rows.apply(counting).filter((row) => (row as Untyped)['k'] !== 'y'))
    await runJob(job, { state: at.state, onEvent })
    const none = { produced: 0, filtered: 0, rejected: 0, consumed: 0 }
    assert.deepEqual(counts, [
      [
        { stage: 'extract', ...none, in: 3, out: 3 },
        { stage: 'validate', ...none, in: 3, out: 3 },
        { stage: 'gather', ...none, in: 3, out: 3 },
      ],
      [
        { stage: 'extract', ...none, in: 2, out: 2 },
        { stage: 'validate', ...none, in: 2, out: 2 },
        { stage: 'gather', ...none, in: 2, out: 2 },
      ],
      [
        { stage: 'own', ...none, in: 5, produced: 3, consumed: 5, out: 3 },
        { stage: 'filter(row)', ...none, in: 3, out: 2, filtered: 1 },
        { stage: 'validate', ...none, in: 2, out: 2 },
        { stage: 'load', ...none, in: 2, out: 2 },
      ],
    ])
  })

  it('fails the run when it took another number of rows than were staged', async () => {
    using at = place()
    const lossy = gatherWith(([input]) => `select * from ${read(input!.files)}`, { miscount: -1 })
    await assert.rejects(
      runJob(
        at.job((rows) => rows.apply(lossy)),
        { state: at.state },
      ),
      { code: 'not-conserved' },
    )
    assert.equal(existsSync(at.path('out.csv')), false)
  })

  it('gives its rows to the rules, which see no others', async () => {
    using at = place()
    const job = at.job((rows) => rows.apply(counting), {
      validate: { stringPatterns: { k: /^[xy]$/ } },
      onInvalid: 'quarantine',
    } as Partial<Job>)
    const report = await runJob(job, { state: at.state })
    assert.equal(report.rows.loaded, 2)
    const [letter, ...others] = at.letters()
    assert.deepEqual([letter.source, letter.row, letter.raw, others.length], ['own', 3, '{"k":"z","n":"1"}', 0])
  })

  it('names both rows of a duplicate that it made, and takes the second one out', async () => {
    using at = place()
    const doubling = gatherWith(([input]) => `select k, v from ${read(input!.files)} order by k, v`)
    const job = at.job((rows) => rows.apply(doubling), {
      validate: { uniqueColumns: ['k'] },
      onInvalid: 'quarantine',
    } as Partial<Job>)
    const report = await runJob(job, { state: at.state })
    assert.equal(at.text('out.csv'), 'k,v\nx,1\ny,2\nz,4\n')
    assert.deepEqual([report.rows.loaded, report.rows.rejected], [3, 2])
    assert.deepEqual(
      at.letters().map(({ source, row, raw, errors }) => [source, row, raw, errors[0].first_row]),
      [
        ['own', 2, '{"k":"x","v":"3"}', 1],
        ['own', 3, '{"k":"x","v":"5"}', 1],
      ],
    )
  })

  it('leaves the letters of rows that never reached it', async () => {
    using at = place({ ...FILES, 'in/c.csv': 'k,v\nx,7,extra\ny,8\n' })
    const fragile = (value: unknown) => {
      if (value === '4') throw new Error('no four')
      return value as string
    }
    const make = (onInvalid: 'fail' | 'quarantine') =>
      at.job((rows) => rows.withColumn('v', fragile).apply(counting), { onInvalid })
    await assert.rejects(runJob(make('fail'), { state: at.state }), { code: 'validation-failed' })
    assert.equal(existsSync(at.path('out.csv')), false)
    const report = await runJob(make('quarantine'), { state: at.state })
    assert.equal(at.text('out.csv'), 'k,n\nx,3\ny,2\n')
    assert.deepEqual([report.rows.read, report.rows.rejected], [7, 2])
    const last = at.letters().slice(-2)
    assert.deepEqual(
      last.map(({ source, row }) => [source, row]),
      [
        [at.path('in/b.csv'), 1],
        [at.path('in/c.csv'), 1],
      ],
    )
  })

  it('reads other sources as tables beside, and counts them with the inputs', async () => {
    using at = place({ ...FILES, 'more/names.csv': 'k,name\nx,Ex\ny,Why\n' })
    const inputs = { names: readCsv(at.path('more')) }
    const joining = gatherWith(
      ([input, names]) =>
        `select name, count(*) as n from ${read(input!.files)} join ${read(names!.files)} using (k) group by name order by name`,
      { inputs },
    )
    const report = await runJob(
      at.job((rows) => rows.apply(joining)),
      { state: at.state },
    )
    assert.equal(at.text('out.csv'), 'name,n\nEx,3\nWhy,1\n')
    assert.deepEqual([report.rows.read, report.rows.consumed, report.rows.produced], [7, 7, 2])
    assert.deepEqual(
      report.source.map(({ records }) => records),
      [3, 2, 2],
    )
  })

  it('may be followed by another one', async () => {
    using at = place()
    const again = gatherWith(([input]) => `select sum(n)::bigint as total from ${read(input!.files)}`)
    const report = await runJob(
      at.job((rows) => rows.apply(counting).apply(again)),
      { state: at.state },
    )
    assert.equal(at.text('out.csv'), 'total\n5\n')
    assert.deepEqual([report.rows.read, report.rows.produced, report.rows.consumed], [5, 4, 8])
  })

  it('allows a share of the rows of each round to be rejected, not of all', async () => {
    using at = place()
    const make = (maxRejected: number | `${number}%`) =>
      at.job((rows) => rows.apply(counting), {
        validate: { stringPatterns: { k: /^[xy]$/ } },
        onInvalid: 'quarantine',
        maxRejected,
      } as Partial<Job>)
    await assert.rejects(runJob(make('20%'), { state: at.state }), /1 of 3 rows were rejected/)
    await runJob(make('34%'), { state: at.state })
    await assert.rejects(runJob(make(0), { state: at.state }), /1 of 8 rows were rejected/)
  })

  it('is told the types of columns that have no value in some splits', async () => {
    using at = place({ 'in/a.csv': 'k,v\nx,\n', 'in/b.csv': 'k,v\nx,5\n' })
    let types: unknown
    const looking = gatherWith(([input]) => {
      types = input!.types
      return `select k from ${read(input!.files)}`
    })
    const number = (value: unknown) => (value === null ? null : BigInt(value as string))
    await runJob(
      at.job((rows) => rows.withColumn('v', number).apply(looking)),
      { state: at.state },
    )
    assert.deepEqual(types, { v: 'int64' })
  })

  it('shows its rows in a preview', async () => {
    using at = place()
    const { columns, rows } = await previewJob(
      at.job((all) => all.apply(counting)),
      { rows: 2 },
    )
    assert.deepEqual(columns, ['k', 'n'])
    assert.deepEqual(rows, [
      ['x', 3n],
      ['y', 1n],
    ])
  })

  it('works in a directory of its own, which goes with the run', async () => {
    using at = place()
    let seen: RunContext | undefined
    const looking = {
      ...counting,
      gather: (...[tables, output, context]: Parameters<GatherStep['gather']>) => {
        seen = context
        return counting.gather(tables, output, context)
      },
    }
    await runJob(
      at.job((rows) => rows.apply(looking)),
      { state: at.state },
    )
    assert.match(seen!.scratch, /scratch\/own$/)
    assert.equal(existsSync(seen!.scratch), false)
  })

  it('refuses inputs that are no sources or have no fit names', async () => {
    using at = place()
    const source = readCsv(at.path('in'))
    for (const inputs of [{ a: 7 }, { input: source }, { 'a b': source }, { a: source, A: source }]) {
      const job = at.job((rows) => rows.apply(gatherWith(() => '', { inputs })))
      await assert.rejects(runJob(job, { state: at.state }), { code: 'job-invalid' })
    }
  })
})
