import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { writeIceberg } from '../sinks/iceberg.ts'
import { readRows } from '../sources/rows.ts'
import { scanTable } from '../storage/iceberg/plan-scan.ts'
import { withSettings } from '../storage/s3/s3-settings.ts'
import type { Bucket } from '../storage/testing/s3/store.ts'
import { defineJob } from './job.ts'
import { type S3Scene, type S3Scenes, startS3Scenes } from './testing/s3-scene.ts'

process.env['SLUICE_S3_IDLE_MS'] = '400'
process.env['SLUICE_S3_RETRY_MS'] = '1'

const TABLE = 'lake.silver.orders'

describe('an Iceberg table on S3', () => {
  let s3: S3Scenes
  let scene: S3Scene
  let bucket: Bucket
  before(async () => {
    s3 = await startS3Scenes(1)
    scene = s3.scenes[0] as S3Scene
    bucket = scene.addBucket('lake')
  })
  after(() => s3[Symbol.asyncDispose]())

  function load(
    ids: readonly number[],
    options: Parameters<typeof writeIceberg>[1],
    runId?: string,
    onInvalid: 'fail' | 'quarantine' = 'fail',
  ) {
    const job = defineJob({
      name: 'orders',
      extract: () => readRows(ids.map((id) => ({ id, shop: `shop ${id % 90}` }))),
      validate: { uniqueColumns: ['id'] },
      onInvalid,
      load: () => writeIceberg(TABLE, { ...options, catalog: catalog() }),
    })
    return scene.run(job, { state: join(s3.path, 'state'), ...(runId === undefined ? {} : { runId }) })
  }

  function catalog() {
    return { type: 'sql', uri: `file:${s3.path}/catalog.db`, warehouse: 's3://lake/warehouse/' } as const
  }

  async function stored() {
    const endpoint = scene.server.endpoint
    const scan = () => scanTable(TABLE, { catalog: catalog() })
    const { files } = await withSettings({ endpoint, region: 'us-east-1' }, scan)
    for (const { path } of files) assert.ok(bucket.objects.has(path.slice('s3://lake/'.length)), path)
    return { files: files.length, rows: files.reduce((sum, { records }) => sum + records, 0) }
  }

  const some = (count: number, first = 0) => Array.from({ length: count }, (_, row) => first + row)

  it('is made, added to and replaced, through faults of S3, and a run that fails leaves no object', async () => {
    await load(some(500), { mode: 'create', partitionBy: ['shop'] })
    assert.deepEqual(await stored(), { files: 90, rows: 500 })
    const faults = [
      { kind: 'status', status: 503, code: 'SlowDown' },
      { kind: 'lostAnswer' },
      { kind: 'reset' },
    ] as const
    for (const fault of faults) scene.server.faults.add({ operation: 'PutObject', times: 2, fault })
    await load(some(100, 500), {}, 'second')
    assert.deepEqual(await stored(), { files: 180, rows: 600 })
    const before = [...bucket.objects.keys()].sort()
    await assert.rejects(load([1, 1], {}), { code: 'validation-failed' })
    assert.deepEqual([...bucket.objects.keys()].sort(), before)
    await load(some(10), { mode: 'overwrite' })
    assert.deepEqual(await stored(), { files: 10, rows: 10 })
    assert.equal(bucket.uploads.size, 0)
  })

  it('gets data files when it is known which rows stay', async () => {
    await load([1, 2, 2, 3], { mode: 'createOrReplace' }, 'late', 'quarantine')
    assert.deepEqual(await stored(), { files: 1, rows: 3 })
    const data = scene.server.requests.entries.filter(({ operation, key }) => {
      return operation === 'PutObject' && /\/data\/late-.*\.parquet$/.test(`${key}`)
    })
    assert.equal(data.length, 1)
  })
})
