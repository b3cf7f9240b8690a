import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { listObjects } from '../s3/find-objects.ts'
import { createUpload } from '../s3/multipart-upload.ts'
import { parseS3 } from '../s3/s3-location.ts'
import { type S3Server, startS3Server } from '../testing/s3/s3-server.ts'
import { type IcebergOutput, icebergTarget } from './iceberg-target.ts'
import { planScan } from './plan-scan.ts'
import { publishDataFile, stagedPath } from './stage-data-files.ts'
import type { TableMetadata } from './table-metadata.ts'
import { row, TableScene } from './testing/table-scene.ts'

let server: S3Server
before(async () => {
  server = await startS3Server({ buckets: ['lake'] })
  Object.assign(process.env, { AWS_ENDPOINT_URL_S3: server.endpoint, AWS_REGION: 'us-east-1' })
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'test', AWS_SECRET_ACCESS_KEY: 'test' })
})
after(() => server.close())

function scene(prefix: string): TableScene {
  return new TableScene('lake.silver.customers', (directory) => {
    return { type: 'sql', uri: `file:${directory}/catalog.db`, warehouse: `s3://lake/${prefix}/` }
  })
}

async function keys(prefix: string): Promise<string[]> {
  return (await listObjects(parseS3(`s3://lake/${prefix}/`), undefined, false)).map(({ key }) => key)
}

async function rows(made: TableScene): Promise<number> {
  const { files } = await planScan((await made.metadata()) as TableMetadata)
  return files.reduce((sum, { records }) => sum + records, 0)
}

/** Of several requests. */
async function stagedLarge(made: TableScene): Promise<{ readonly path: string }> {
  const plan = await made.planned('large', { rows: [] })
  const file = { path: 'large.parquet' }
  writeFileSync(stagedPath(plan, file.path), randomBytes(2 << 20))
  await publishDataFile(plan, file)
  return file
}

describe('a table on S3', () => {
  it('is committed, with its data files where the manifests say', async () => {
    using made = scene('commit')
    await made.run('one', { mode: 'create', partitionBy: ['region'], rows: [row(1), row(2, 'a/b ü%')] })
    await made.run('two', { rows: [row(3)] })
    assert.equal(await rows(made), 3)
    const { files } = await planScan((await made.metadata()) as TableMetadata)
    const there = await keys('commit')
    for (const { path } of files) assert.ok(there.includes(path.slice('s3://lake/'.length)), path)
    await made.run('three', { mode: 'overwrite', rows: [row(4)] })
    assert.equal(await rows(made), 1)
  })

  it('takes files as they are complete, so that scratch stays small', async () => {
    using made = scene('small')
    const output = await made.prepared('one', { mode: 'create', rows: [row(1)] })
    const left = existsSync(output.plan.staging) ? readdirSync(output.plan.staging) : []
    assert.deepEqual(left, [])
    assert.equal((await keys('small')).filter((key) => key.endsWith('.parquet')).length, 1)
  })

  it('keeps nothing of a run that was aborted', async () => {
    using made = scene('abort')
    await made.run('one', { mode: 'create', rows: [row(1)] })
    const before = await keys('abort')
    const output = await made.prepared('two', { rows: [row(2)] })
    assert.ok((await keys('abort')).length > before.length)
    // As a process leaves it that was killed while it sent a large file.
    const { dataFolder } = output as IcebergOutput
    await createUpload(parseS3(`${dataFolder}/large.parquet`), {})
    assert.equal(server.buckets.get('lake')?.uploads.size, 1)
    for (let time = 0; time < 2; time++) await icebergTarget().abort(output.plan)
    assert.deepEqual(await keys('abort'), before)
    assert.equal((await icebergTarget().commit(output)).outcome, 'refused')
    assert.equal(server.buckets.get('lake')?.uploads.size, 0)
  })

  it('survives lost answers and throttling', async () => {
    using made = scene('faults')
    await made.run('one', { mode: 'create', rows: [row(1)] })
    server.faults.add({ operation: 'PutObject', times: 2, fault: { kind: 'lostAnswer' } })
    server.faults.add({ operation: 'CreateMultipartUpload', times: 1, fault: { kind: 'lostAnswer' } })
    const { path: large } = await stagedLarge(made)
    assert.ok((await keys('faults')).some((key) => key.endsWith(large)))
    assert.equal(server.buckets.get('lake')?.uploads.size, 0)
    assert.deepEqual(await made.run('two', { rows: [row(2)] }), { outcome: 'committed' })
    server.faults.clear()
    assert.equal(await rows(made), 2)
  })
})
