import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { writeCsv } from '../sinks/csv.ts'
import { readCsv } from '../sources/csv.ts'
import { readRows } from '../sources/rows.ts'
import { RowStream } from '../transforms/row-stream.ts'
import { defineJob, type Job } from './job.ts'
import { runJob } from './run.ts'
import { endOf, inParallel, startReal } from './testing/children.ts'
import { realInput } from './testing/real-input.ts'
import { textOf } from './testing/real-scene.ts'
import { leftovers, readTarget, sandbox, unsettled } from './testing/sandbox.ts'

describe('a run that is aborted', () => {
  for (const [rows, within] of [
    [3000, 40],
    [300_000, 500],
  ] as const) {
    it(`after some of ${within} ms is interrupted or commits, and its process ends by itself`, async () => {
      using box = sandbox('abort')
      const input = join(box.path, 'in')
      const made = realInput(input, 'new', { files: 2, rows })
      const seen = new Map<string, number>()
      await inParallel(
        Array.from({ length: 16 }, (_, index) => index),
        2,
        async (index) => {
          using place = sandbox('abort')
          const name = index % 2 === 0 ? 'out.csv' : 'out/'
          const target = join(place.path, name)
          const state = join(place.path, 'state')
          const abortAfter = Math.round((index / 16) * within)
          const run = { input, target, state, runId: 'run', abortAfter }
          const { exit, result } = await endOf(startReal(run))
          assert.equal(exit, 0, 'no handle keeps the process, no rejection is unhandled')
          const outcome = result.thrown ?? result.status
          seen.set(outcome, (seen.get(outcome) ?? 0) + 1)
          if (outcome === 'interrupted') assert.equal(result.exitCode, 130)
          else assert.equal(outcome, 'committed', result.message)
          const now = readTarget(target)
          assert.ok(now === (outcome === 'committed' ? textOf({ target: name }, made) : null))
          const published = outcome === 'committed' ? ['run'] : []
          assert.deepEqual([...leftovers(place.path, published), ...unsettled(state)], [])
          const audit = JSON.parse(readFileSync(join(state, 'audit', 'run.json'), 'utf8'))
          assert.equal(audit.status, outcome === 'committed' ? 'committed' : 'failed')
        },
      )
      assert.ok(seen.has('interrupted'), JSON.stringify([...seen]))
    })
  }

  const endless: [string, () => Pick<Job, 'extract' | 'transform'>][] = [
    ['a source that gives no row any more', () => ({ extract: readRows(stuck()) })],
    ['a stream that gives no row any more', () => ({ extract: readRows(new PassThrough({ objectMode: true })) })],
    [
      'a function that never answers',
      () => ({ extract: readRows(many()), transform: (rows) => rows.mapRows(() => new Promise<never>(() => {})) }),
    ],
    [
      'a stream between that never answers',
      () => ({
        extract: readRows(many()),
        transform: (rows) => rows.through(() => deaf(), { rows: 'one-to-one' }),
      }),
    ],
  ]
  for (const [what, parts] of endless) {
    it(`is interrupted although it waits for ${what}`, async () => {
      using box = sandbox('abort')
      const target = join(box.path, 'out.csv')
      const { extract, transform = () => new RowStream() } = parts()
      const job = defineJob({ name: 'stuck', extract: extract as never, transform, load: writeCsv(target) })
      const abort = new AbortController()
      const run = runJob(job, { state: join(box.path, 'state'), signal: abort.signal })
      setTimeout(() => abort.abort(), 30)
      await assert.rejects(run, { code: 'interrupted', exitCode: 130 })
      assert.equal(existsSync(target), false)
      assert.deepEqual([...leftovers(box.path), ...unsettled(join(box.path, 'state'))], [])
    })
  }

  it('is interrupted although its standard input is idle, and the process ends by itself', async () => {
    using box = sandbox('abort')
    const run = {
      input: '-',
      target: join(box.path, 'out.csv'),
      state: join(box.path, 'state'),
      runId: 'run',
      abortAfter: 200,
    }
    const script = fileURLToPath(new URL('./testing/real-run.ts', import.meta.url))
    const child = spawn(process.execPath, ['--no-warnings', script, JSON.stringify(run)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    child.stdin.write('id,name,email\n1,a,a@b.org\n')
    const { exit, result } = await endOf(child)
    assert.deepEqual([exit, result.thrown], [0, 'interrupted'])
    assert.deepEqual([...leftovers(box.path), ...unsettled(run.state)], [])
  })

  it('before it began writes nothing', async () => {
    using box = sandbox('abort')
    realInput(box.path, 'new')
    const target = join(box.path, 'out.csv')
    const job = defineJob({ name: 'late', extract: readCsv(join(box.path, 'in-0.csv')), load: writeCsv(target) })
    const run = runJob(job, { state: join(box.path, 'state'), signal: AbortSignal.abort() })
    await assert.rejects(run, { code: 'interrupted' })
    assert.equal(existsSync(target), false)
  })
})

async function* stuck() {
  yield { a: 1 }
  await wait(2 ** 30, undefined, { ref: false })
}

function* many() {
  for (let id = 0; id < 5000; id++) yield { id }
}

function deaf(): PassThrough {
  return new PassThrough({ objectMode: true, transform() {} })
}
