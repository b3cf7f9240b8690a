import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { writeCsv } from '../sinks/csv.ts'
import { readRows } from '../sources/rows.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import { defineJob, type Job } from './job.ts'
import type { RunReport } from './report.ts'
import { copyJob, published, type S3Scene, type S3Scenes, startS3Scenes, strays } from './testing/s3-scene.ts'

process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'

describe('what is written to S3', () => {
  let s3: S3Scenes
  let scene: S3Scene
  let bucket: Bucket
  let copies = 0

  before(async () => {
    s3 = await startS3Scenes(1)
    scene = s3.scenes[0] as S3Scene
    bucket = scene.addBucket('lake')
  })
  after(() => s3[Symbol.asyncDispose]())

  const run = (job: Job, more: object = {}) => scene.run(job, { state: join(s3.path, 'state'), ...more })

  for (const to of ['raced.csv', 'raced/']) {
    it(`is that of exactly one of two runs that race for ${to}`, async () => {
      for (let round = 0; round < 5; round++) {
        const before = await published(bucket, to)
        const barrier = meeting(2)
        const racer = (name: string) =>
          run(
            rowsJob(async function* () {
              yield { id: `${round}`, v: name }
              await barrier()
            }, `s3://lake/${to}`),
          )
        const ended = await Promise.allSettled([racer('one'), racer('two')])
        const failed = ended.filter(({ status }) => status === 'rejected') as PromiseRejectedResult[]
        assert.equal(failed.length, 1, `${ended.map(({ status }) => status)}`)
        const { code, exitCode, message } = (failed[0] as PromiseRejectedResult).reason as SluiceError
        assert.deepEqual([code, exitCode], ['target-moved', 4])
        assert.match(message, /Nothing was committed: somebody else (changed|was writing) s3:\/\/lake\/raced/)
        const winner = ended[0].status === 'fulfilled' ? 'one' : 'two'
        assert.equal(await published(bucket, to), `id,v\n${round},${winner}\n`)
        assert.notEqual(before, await published(bucket, to))
        assert.deepEqual(await strays(bucket, to), [])
      }
    })
  }

  it('goes on when another run for the same object has failed meanwhile', async () => {
    const barrier = meeting(2)
    const good = run(
      rowsJob(async function* () {
        await barrier()
        await new Promise((wake) => setTimeout(wake, 200))
        yield { id: '1', v: 'good' }
      }, 's3://lake/shared.csv'),
    )
    const bad = run(
      rowsJob(async function* () {
        yield { id: '1', v: 'bad' }
        await barrier()
        throw new Error('enough')
      }, 's3://lake/shared.csv'),
    )
    await assert.rejects(bad, /enough/)
    assert.equal((await good).status, 'committed')
    assert.equal(await published(bucket, 'shared.csv'), 'id,v\n1,good\n')
    assert.deepEqual(await strays(bucket, 'shared.csv'), [])
  })

  for (const to of ['parts.csv', 'parts/']) {
    it(`has many parts when it is long: ${to}`, async () => {
      const report = await run(rowsJob(longRows, `s3://lake/${to}`))
      const text = (await published(bucket, to)) as string
      const [output] = report.outputs
      assert.ok(text.length > 20_000_000)
      assert.deepEqual([output?.bytes, output?.sha256], [text.length, createHash('sha256').update(text).digest('hex')])
      const rows = text.split('\n')
      assert.deepEqual([rows.length, rows[1], rows.at(-2)], [ROWS + 2, `0,${FILLER}`, `${ROWS - 1},${FILLER}`])
    })
  }

  it('is one object of many inputs, under one header', async () => {
    for (let part = 0; part < 30; part++) await scene.put(`s3://lake/splits/${part + 10}.csv`, `id,v\n${part},x\n`)
    await run(copyJob('s3://lake/splits/', 's3://lake/joined.csv'))
    const rows = Array.from({ length: 30 }, (_, part) => `${part},x\n`)
    assert.equal(await published(bucket, 'joined.csv'), `id,v\n${rows.join('')}`)
    await run(copyJob('s3://lake/splits/', 's3://lake/joined/'))
    assert.equal(await published(bucket, 'joined/'), rows.map((row) => `id,v\n${row}`).join(''))
  })

  it('may be empty', async () => {
    for (const to of ['empty.csv', 'empty/']) {
      const job = defineJob({
        name: 'empty',
        extract: () => readRows([{ id: '1', v: 'x' }]),
        transform: (rows) => rows.filter('v', (v) => v !== 'x'),
        load: () => writeCsv(`s3://lake/${to}`, { header: false }),
      })
      const report = await run(job)
      assert.deepEqual([report.status, report.rows.loaded], ['committed', 0])
      assert.equal(await published(bucket, to), '')
    }
  })

  for (const to of ['good.csv', 'good/']) {
    it(`has the good rows only, also when the judge alone could find the others: ${to}`, async () => {
      const rows = Array.from({ length: 2000 }, (_, row) => `${row % 1500},${row % 7 === 0 ? '' : `v${row}`}\n`)
      await scene.put('s3://lake/mixed/1.csv', `id,v\n${rows.slice(0, 1200).join('')}`)
      await scene.put('s3://lake/mixed/2.csv', `id,v\n${rows.slice(1200).join('')}`)
      const report = await run(copyJob('s3://lake/mixed/', `s3://lake/${to}`, { onInvalid: 'quarantine' }))
      const seen = new Set<string>()
      const kept = rows.map((row) => {
        const [id = '', v] = row.trim().split(',')
        if (v === '' || seen.has(id)) return ''
        seen.add(id)
        return row
      })
      const [first, second] = [kept.slice(0, 1200).join(''), kept.slice(1200).join('')]
      const header = to === 'good/' ? 'id,v\n' : ''
      assert.equal(await published(bucket, to), `id,v\n${first}${header}${second}`)
      const letters = readFileSync(report.deadLetters.path as string, 'utf8')
        .trim()
        .split('\n')
      assert.deepEqual([report.rows.rejected, letters.length], [2000 - seen.size, 2000 - seen.size])
      const late = letters.map((line) => JSON.parse(line)).find(({ stage }) => stage === 'judge')
      assert.match(late.raw, /^\d+,v\d+$/)
    })
  }

  it('keeps earlier runs of a prefix unless that is not wished', async () => {
    const job = (v: string, keepVersions: boolean) => {
      const rows = [{ id: '1', v }]
      const load = () => writeCsv('s3://lake/versions/', { keepVersions })
      return defineJob({ name: 'versions', extract: () => readRows(rows), load })
    }
    for (const v of ['a', 'b', 'c']) await run(job(v, true))
    assert.equal(runsBelow('versions/').length, 3)
    await run(job('d', false))
    // Readers may still be at work on the one before.
    assert.equal(runsBelow('versions/').length, 2)
    assert.equal(await published(bucket, 'versions/'), 'id,v\n1,d\n')
    assert.deepEqual(await strays(bucket, 'versions/'), [])
  })

  it('does not cover what somebody else put into a prefix', async () => {
    await scene.put('s3://lake/foreign/theirs.csv', 'id,v\n1,theirs\n')
    const refused = run(rowsJob([{ id: '1', v: 'ours' }], 's3://lake/foreign/'))
    await assert.rejects(refused, { code: 'target-not-adoptable' })
    const adopting = rowsJob([{ id: '1', v: 'ours' }], 's3://lake/foreign/', { adopt: true })
    assert.equal((await run(adopting)).status, 'committed')
    assert.ok(bucket.objects.has('foreign/theirs.csv'))
  })

  for (const to of ['doubt.csv', 'doubt/']) {
    it(`is settled by \`recover --target\` when a run is in doubt: ${to}`, async () => {
      const doubtful = async (state: string) => {
        const [operation, key] = to.endsWith('/')
          ? (['PutObject', `${to}_manifest.json`] as const)
          : (['CompleteMultipartUpload', to] as const)
        scene.server.faults.add({ operation, key, fault: { kind: 'status', status: 500, code: 'InternalError' } })
        await assert.rejects(run(rowsJob([{ id: '1', v: state }], `s3://lake/${to}`), { state }), {
          code: 'in-doubt',
          exitCode: 5,
        })
        scene.server.faults.clear()
      }
      for (const state of [join(s3.path, 'doubt-state'), 's3://lake/doubt-state/']) {
        await doubtful(state)
        onAnotherMachine(state)
        const other = await scene.recover(state, 's3://lake/elsewhere.csv')
        assert.deepEqual([other.runs, other.exitCode], [[], 0])
        const { runs, exitCode } = await scene.recover(state, `s3://lake/${to}`)
        assert.equal(exitCode, 0)
        assert.deepEqual(
          runs.map(({ action, status }) => [action, status]),
          [['finished', 'committed']],
        )
        assert.equal(await published(bucket, to), `id,v\n1,${state}\n`)
        assert.deepEqual(await strays(bucket, to), [])
      }
    })

    it(`is settled by the next run on it when a run is in doubt, on whichever machine: ${to}`, async () => {
      const state = `s3://lake/next-${to.replace(/\W/g, '-')}/`
      const fault = { kind: 'status', status: 500, code: 'InternalError' } as const
      const operation = to.endsWith('/') ? 'PutObject' : 'CompleteMultipartUpload'
      const key = to.endsWith('/') ? `${to}_manifest.json` : to
      scene.server.faults.add({ operation, key, fault })
      await assert.rejects(run(rowsJob([{ id: '1', v: 'first' }], `s3://lake/${to}`), { state, runId: 'first' }), {
        code: 'in-doubt',
      })
      scene.server.faults.clear()
      onAnotherMachine(state)
      const report = await run(rowsJob([{ id: '2', v: 'second' }], `s3://lake/${to}`), { state, runId: 'second' })
      assert.equal(report.status, 'committed')
      assert.equal(await published(bucket, to), 'id,v\n2,second\n')
      assert.deepEqual((await scene.recover(state)).runs, [])
    })

    it(`is not that of a run which another machine took over while it stood still: ${to}`, async () => {
      const state = `s3://lake/lost-${to.replace(/\W/g, '-')}/`
      const before = await published(bucket, to)
      const planned = Promise.withResolvers<void>()
      const wakes = Promise.withResolvers<void>()
      const job = rowsJob(async function* () {
        yield { id: '1', v: 'lost' }
        planned.resolve()
        await wakes.promise
      }, `s3://lake/${to}`)
      const home = process.env['SLUICE_COPY']
      const lost = run(job, { state, runId: 'lost' })
      lost.catch(() => {})
      await planned.promise
      // As if the machine had slept until its lease was over.
      bucket.delete(`${state.slice('s3://lake/'.length)}leases/lost.json`)
      onAnotherMachine(state)
      const { runs } = await scene.recover(state)
      assert.deepEqual(
        runs.map(({ runId, action }) => [runId, action]),
        [['lost', 'undone']],
      )
      process.env['SLUICE_COPY'] = home
      wakes.resolve()
      const error = (await lost.catch((error) => error)) as SluiceError & { report: RunReport }
      assert.deepEqual([error.code, error.exitCode], ['run-lost', 4])
      assert.equal(await published(bucket, to), before)
      assert.deepEqual(await strays(bucket, to), [])
      assert.deepEqual((await scene.recover(state)).runs, [])
    })
  }

  it('leaves nothing on this machine', () => {
    assert.equal(existsSync(join(s3.path, 'state', 'runs')) && runsIn(join(s3.path, 'state', 'runs')), 0)
  })

  function runsBelow(prefix: string): readonly string[] {
    const keys = [...bucket.objects.keys()].filter((key) => key.startsWith(`${prefix}_runs/`))
    return [...new Set(keys.map((key) => key.split('/')[2] as string))]
  }

  /** Where nothing is known of the runs but what lies on S3. */
  function onAnotherMachine(state: string): void {
    if (state.startsWith('s3://')) process.env['SLUICE_COPY'] = join(s3.path, `copies-${copies++}`)
  }
})

const FILLER = 'x'.repeat(400)
const ROWS = 60_000

function* longRows() {
  for (let id = 0; id < ROWS; id++) yield { id: `${id}`, v: FILLER }
}

type Rows = Iterable<object> | (() => Iterable<object> | AsyncIterable<object>)

function rowsJob(rows: Rows, to: string, options: { readonly adopt?: boolean } = {}): Job {
  return defineJob({
    name: 'rows',
    extract: () => readRows((typeof rows === 'function' ? rows() : rows) as Iterable<{ id: string; v: string }>),
    load: () => writeCsv(to, options),
  })
}

/** Whoever comes waits until all are there. */
function meeting(members: number): () => Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let waiting = 0
  return () => {
    if (++waiting === members) resolve()
    return promise
  }
}

function runsIn(path: string): number {
  const { readdirSync } = process.getBuiltinModule('node:fs')
  return readdirSync(path).length
}
