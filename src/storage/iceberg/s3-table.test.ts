import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { after, before, describe, it } from 'node:test'
import { listObjects } from '../s3/find-objects.ts'
import { parseS3 } from '../s3/s3-location.ts'
import { type S3Server, startS3Server } from '../testing/s3/s3-server.ts'
import { icebergTarget } from './iceberg-target.ts'
import { planScan } from './plan-scan.ts'
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
    for (let time = 0; time < 2; time++) await icebergTarget().abort(output.plan)
    assert.deepEqual(await keys('abort'), before)
    assert.equal((await icebergTarget().commit(output)).outcome, 'refused')
  })

  it('survives lost answers and throttling', async () => {
    using made = scene('faults')
    await made.run('one', { mode: 'create', rows: [row(1)] })
    server.faults.add({ operation: 'PutObject', times: 2, fault: { kind: 'lostAnswer' } })
    assert.deepEqual(await made.run('two', { rows: [row(2)] }), { outcome: 'committed' })
    server.faults.clear()
    assert.equal(await rows(made), 2)
  })
})
