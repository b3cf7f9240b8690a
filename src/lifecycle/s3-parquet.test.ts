import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { SluiceError } from '../errors.ts'
import { duck } from '../parquet/testing/duck.ts'
import { writeCsv } from '../sinks/csv.ts'
import { type ParquetOptions, readParquet } from '../sources/parquet.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import { published, type S3Scene, type S3Scenes, startS3Scenes } from './testing/s3-scene.ts'

process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'

const ROWS = 60_000
const QUERY = `select i as id, md5(i::varchar) as v, repeat(md5((i * 7)::varchar), 3) as long from range(${ROWS}) r(i)`

describe('Parquet on S3', () => {
  let s3: S3Scenes
  let scene: S3Scene
  let bucket: Bucket
  let file: Buffer
  let expected: string
  let runs = 0

  before(async () => {
    s3 = await startS3Scenes(1)
    scene = s3.scenes[0] as S3Scene
    bucket = scene.addBucket('lake')
    file = await parquet(QUERY)
    const rows = await duck(`select id::varchar || ',' || v || chr(10) from (${QUERY})`)
    expected = `id,v\n${rows.map(([line]) => line).join('')}`
    await scene.put('s3://lake/in.parquet', file)
  })
  after(() => s3[Symbol.asyncDispose]())

  async function parquet(query: string): Promise<Buffer> {
    const path = join(s3.path, `made-${runs++}.parquet`)
    await duck(`copy (${query}) to '${path}' (format parquet, row_group_size 20480)`)
    return readFileSync(path)
  }

  /** Resolves to what was loaded, or to the error when nothing was. */
  async function loaded(
    from: string,
    options: ParquetOptions = { columns: ['id', 'v'] },
  ): Promise<string | SluiceError> {
    const key = `out-${runs++}.csv`
    const job = { name: 'read', extract: readParquet(from, options), load: writeCsv(`s3://lake/${key}`) }
    const error = await scene.run(job, { state: join(s3.path, 'state') }).then(
      () => undefined,
      (thrown) => thrown as SluiceError,
    )
    const now = await published(bucket, key)
    if (error === undefined) return now as string
    assert.equal(now, null)
    return error
  }

  function gets(key: string) {
    return scene.server.requests.entries.filter((request) => request.operation === 'GetObject' && request.key === key)
  }

  it('is read by ranges, and only where the columns lie', async () => {
    const before = gets('in.parquet').length
    assert.equal(await loaded('s3://lake/in.parquet'), expected)
    // Twice the end of the file, and two chunks in each of three row groups.
    const first = gets('in.parquet').slice(before)
    assert.ok(first.length <= 8, `${first.length} requests`)
    assert.ok(first.every(({ range }) => range !== undefined))
    const served = first.reduce((sum, { bytesServed }) => sum + bytesServed, 0)
    assert.ok(served < file.length * 0.7, `${served} of ${file.length} bytes`)
  })

  it('is read whole, through resets, bodies cut short and silence', async () => {
    for (const fault of [
      { kind: 'resetAfter', bytes: 100 },
      { kind: 'truncate', bytes: 50_000 },
      { kind: 'stall', bytes: 7 },
      { kind: 'reset' },
      { kind: 'status', status: 503, code: 'SlowDown' },
    ] as const) {
      for (const skip of [0, 2, 4, 6])
        scene.server.faults.add({ operation: 'GetObject', key: 'in.parquet', skip, times: 1, fault })
      assert.equal(await loaded('s3://lake/in.parquet'), expected, fault.kind)
      scene.server.faults.clear()
    }
  })

  it('is not loaded when it was replaced during the run', async () => {
    await scene.put('s3://lake/changing.parquet', file)
    const stalled = { kind: 'stall', bytes: 1000 } as const
    scene.server.faults.add({ operation: 'GetObject', key: 'changing.parquet', skip: 4, times: 1, fault: stalled })
    const running = loaded('s3://lake/changing.parquet')
    await new Promise((wake) => setTimeout(wake, 250))
    await scene.put('s3://lake/changing.parquet', await parquet('select 1 as id, 2 as v'))
    const error = (await running) as SluiceError
    assert.deepEqual([error.code, error.exitCode], ['source-changed', 4])
  })

  it('is all Parquet objects of a prefix, or those that a manifest names', async () => {
    for (const name of ['b', 'a'])
      await scene.put(`s3://lake/many/${name}.parquet`, await parquet(`select '${name}' as n`))
    await scene.put('s3://lake/many/notes.txt', 'no data')
    assert.equal(await loaded('s3://lake/many/', {}), 'n\na\nb\n')
    await scene.put('s3://lake/many/_runs/r1/part-0.parquet', await parquet("select 'named' as n"))
    await scene.put('s3://lake/many/_runs/r1/part-1.parquet', await parquet("select 'not named' as n"))
    const manifest = { version: 1, run_id: 'r1', files: [{ key: 'many/_runs/r1/part-0.parquet' }], previous: [] }
    await scene.put('s3://lake/many/_manifest.json', JSON.stringify(manifest))
    assert.equal(await loaded('s3://lake/many/', {}), 'n\nnamed\n')
  })

  it('is refused in plain words when it is none', async () => {
    await scene.put('s3://lake/text.parquet', 'id,v\n1,2\n3,4\n')
    const error = (await loaded('s3://lake/text.parquet')) as SluiceError
    assert.equal(error.code, 'source-failed')
    assert.match(error.message, /s3:\/\/lake\/text\.parquet: it does not end as a Parquet file does/)
  })
})
