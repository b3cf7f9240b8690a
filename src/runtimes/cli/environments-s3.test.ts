import assert from 'node:assert/strict'
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { GetObjectCommand, ListMultipartUploadsCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { type S3Server, type S3ServerOptions, startS3Server } from '../../storage/testing/s3/s3-server.ts'
import { testClient } from '../../storage/testing/s3/test-client.ts'
import { ensureBuilt, sluice, workspace } from './testing/sluice.ts'

const ROOT = join(import.meta.dirname, '../../..')
const BUCKETS = ['data-lake-dev-bronze', 'data-lake-dev-silver']
const EVERYTHING = ['s3:ListBucket', 's3:GetObject', 's3:PutObject', 's3:ListBucketMultipartUploads']
const ACCOUNT = { AWS_ACCESS_KEY_ID: 'AKIAABCDEFGH1234', AWS_SECRET_ACCESS_KEY: 'c4nary', SLUICE_LOG: 'silent' }

describe('the environment dev on S3', () => {
  before(ensureBuilt)

  it('runs the example unchanged, and finds there what it finds in local', async () => {
    await using lake = await startLake()
    using place = project(lake.server)
    const local = await sluice(['run', 'job.ts', '--json'], place)
    const dev = await sluice(['run', 'job.ts', '--env', 'dev', '--json'], { ...place, env: ACCOUNT })
    assert.deepEqual([local.code, dev.code], [0, 0], dev.stderr)
    const [one, other] = [JSON.parse(local.stdout), JSON.parse(dev.stdout)]
    assert.deepEqual(other.rows, one.rows)
    assert.match(other.outputs[0].path, /^s3:\/\/data-lake-dev-silver\/customers\//)
    const ofLocal = readFileSync(join(place.cwd, 'dist/local_output/customers/part-00000.csv'), 'utf8')
    const ofDev = await textAt(lake.client, other.outputs[0].path)
    assert.equal(withoutRun(ofDev), withoutRun(ofLocal))
  })

  for (const [step, action] of [
    ['split-staged', 'failed'],
    ['target-locked', 'committed'],
  ] as const) {
    it(`is where a run is recovered that was killed at ${step}, whoever recovers it`, async () => {
      await using lake = await startLake()
      using place = project(lake.server)
      const crash = { ...ACCOUNT, SLUICE_CRASH_AT: step }
      await sluice(['run', 'job.ts', '--env', 'dev', '--run-id', 'r1'], { ...place, env: crash })
      const account = { ...place, env: ACCOUNT }
      const { runs } = JSON.parse((await sluice(['recover', '--env', 'local', '--json'], account)).stdout)
      assert.deepEqual([runs[0].run_id, runs[0].settled], ['r1', true], JSON.stringify(runs))
      const { status } = JSON.parse((await sluice(['runs', 'r1', '--json'], account)).stdout)
      assert.equal(status, action)
      const uploads = new ListMultipartUploadsCommand({ Bucket: 'data-lake-dev-silver' })
      assert.deepEqual((await lake.client.send(uploads)).Uploads ?? [], [])
    })
  }

  it('gets the dead letters of its runs, whoever recovers them', async () => {
    await using lake = await startLake()
    using place = project(lake.server)
    writeFileSync(join(place.cwd, 'in.csv'), 'id\n1\n""\n')
    const dlq = 's3://data-lake-dev-silver/rejected/'
    const args = ['load', 'in.csv', 'out.csv', '--required', 'id', '--on-invalid', 'quarantine', '--run-id', 'r1']
    const env = { ...ACCOUNT, SLUICE_CRASH_AT: 'outcome-journaled' }
    await sluice([...args, '--env', 'dev', '--dlq', dlq], { ...place, env })
    const recovered = await sluice(['recover', '--env', 'local'], { ...place, env: ACCOUNT })
    assert.equal(recovered.code, 0, recovered.stdout)
    assert.equal(JSON.parse(await textAt(lake.client, `${dlq}r1.jsonl`)).run_id, 'r1')
  })

  it('shows its runs and their letters on a machine that has never seen them', async () => {
    await using lake = await startLake()
    using place = project(lake.server)
    writeFileSync(join(place.cwd, 'in.csv'), 'id\n1\n""\n')
    const there = ['--env', 'dev', '--state', 's3://data-lake-dev-silver/.sluice/']
    const args = [
      'load',
      'in.csv',
      's3://data-lake-dev-silver/out.csv',
      '--required',
      'id',
      '--on-invalid',
      'quarantine',
    ]
    const here = { ...ACCOUNT, SLUICE_COPY: join(place.cwd, 'here') }
    assert.equal((await sluice([...args, '--run-id', 'r1', ...there], { ...place, env: here })).code, 0)
    const crash = { ...here, SLUICE_CRASH_AT: 'outcome-journaled' }
    await sluice([...args, '--run-id', 'r2', ...there], { ...place, env: crash })
    const elsewhere = { ...place, env: { ...ACCOUNT, SLUICE_COPY: join(place.cwd, 'there') } }
    const runs = await sluice(['runs', ...there], elsewhere)
    assert.match(runs.stdout, /r1 +load +committed/)
    assert.match(runs.stdout, /r2 +load +live/, 'nobody has missed its signs of life yet')
    const settled = await sluice(['dlq', 'list', 'r1', ...there], elsewhere)
    assert.match(settled.stdout, /r1:in\.csv:2 +missing-value/)
    const waiting = await sluice(['dlq', 'list', 'r2', ...there], elsewhere)
    assert.match(waiting.stdout, /r2:in\.csv:2 +missing-value/)
    assert.match(waiting.stderr, /not delivered yet/)
    assert.equal(existsSync(join(place.cwd, 'there')) && readdirSync(join(place.cwd, 'there')).length > 0, false)
  })

  it('is found well by the doctor, who changes nothing', async () => {
    await using lake = await startLake()
    using place = project(lake.server)
    lake.server.requests.clear()
    const { code, stdout } = await sluice(['doctor', 'job.ts', '--env', 'dev'], { ...place, env: ACCOUNT })
    const lines = stdout.replace(/ {2,}/g, ' | ')
    assert.equal(code, 0, stdout)
    assert.match(lines, /\nok \| source \| s3:\/\/data-lake-dev-bronze\/customers\/ \(customers\) \| readable\n/)
    assert.match(
      lines,
      /\nok \| target \| s3:\/\/data-lake-dev-silver\/customers\/ \(customers\) \| reachable, and empty\n/,
    )
    assert.deepEqual(Object.keys(lake.server.requests.counts()).sort(), [
      'HeadBucket',
      'ListMultipartUploads',
      'ListObjectsV2',
    ])
    const uploads = new ListMultipartUploadsCommand({ Bucket: 'data-lake-dev-silver' })
    assert.deepEqual((await lake.client.send(uploads)).Uploads ?? [], [])
  })

  it('keeps the state of its runs where it is configured to, and the doctor looks there', async () => {
    await using lake = await startLake()
    using place = project(lake.server)
    const env = { ...ACCOUNT, SLUICE_STATE: 's3://data-lake-dev-silver/.sluice/' }
    const { code, stdout } = await sluice(['doctor', 'job.ts', '--env', 'dev'], { ...place, env })
    assert.equal(code, 0, stdout)
    assert.match(
      stdout,
      /\nok +state +s3:\/\/data-lake-dev-silver\/\.sluice\/ \(SLUICE_STATE\) +reachable, and empty\n/,
    )
    const run = await sluice(['run', 'job.ts', '--env', 'dev', '--run-id', 'r1'], { ...place, env })
    assert.equal(run.code, 0, run.stderr)
    const runs = await sluice(['recover', '--env', 'dev', '--json'], { ...place, env })
    assert.deepEqual(JSON.parse(runs.stdout).runs, [])
  })

  for (const missing of ['s3:ListBucket', 's3:ListBucketMultipartUploads']) {
    it(`is found wanting without the permission ${missing}`, async () => {
      const allow = EVERYTHING.filter((action) => action !== missing)
      await using lake = await startLake({ credentials: { [ACCOUNT.AWS_ACCESS_KEY_ID]: { allow }, test: {} } })
      using place = project(lake.server)
      const { code, stdout } = await sluice(['doctor', 'job.ts', '--env', 'dev'], { ...place, env: ACCOUNT })
      assert.equal(code, 4)
      assert.match(stdout, new RegExp(`\nfailed +target .*  ${missing} on s3://data-lake-dev-silver/customers/ is not`))
      assert.match(stdout, new RegExp(`Allow ${missing} to these credentials`))
    })
  }

  it('is found wanting where the bucket or the dataset is not there', async () => {
    await using lake = await startLake()
    using place = project(lake.server)
    const env = { ...ACCOUNT, SLUICE_ENDPOINT: lake.server.endpoint, SLUICE_REGION: 'us-east-1' }
    const bucket = await sluice(['doctor', 'job.ts', '--env', 'prod'], { ...place, env })
    assert.equal(bucket.code, 4)
    assert.match(bucket.stdout, /\nfailed +source .* the bucket does not exist\. Check the name of the bucket/)
    const template = { ...env, SLUICE_BUCKET_TEMPLATE: 's3://data-lake-dev-silver/{layer}' }
    const dataset = await sluice(['doctor', 'job.ts', '--env', 'dev'], { ...place, env: template })
    assert.equal(dataset.code, 4)
    assert.match(
      dataset.stdout,
      /\nfailed +source +s3:\/\/data-lake-dev-silver\/bronze\/customers\/ .*nothing lies there/,
    )
  })
})

async function startLake(
  options: S3ServerOptions = {},
): Promise<AsyncDisposable & { readonly server: S3Server; readonly client: S3Client }> {
  const server = await startS3Server({ buckets: BUCKETS, ...options })
  const client = testClient(server)
  const Body = readFileSync(join(ROOT, 'fixtures/customers.csv'))
  await client.send(new PutObjectCommand({ Bucket: 'data-lake-dev-bronze', Key: 'customers/customers.csv', Body }))
  return { server, client, [Symbol.asyncDispose]: () => server.close() }
}

/** The example, its fixture, and a configuration that says where the lake is. */
function project({ endpoint }: S3Server): Disposable & { readonly cwd: string } {
  const place = workspace()
  copyFileSync(join(ROOT, 'examples/customer-import.ts'), join(place.cwd, 'job.ts'))
  cpSync(join(ROOT, 'fixtures/customers.csv'), join(place.cwd, 'fixtures/customers.csv'))
  const config = `import { defineConfig } from 'sluice'
export default defineConfig({ environments: { dev: { endpoint: '${endpoint}', region: 'us-east-1' } } })
`
  writeFileSync(join(place.cwd, 'sluice.config.ts'), config)
  return place
}

async function textAt(client: S3Client, address: string): Promise<string> {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(address) ?? []
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key }))
  return (await Body?.transformToString()) as string
}

/** Without what `addProcessingMetadata` says of the run and its input. */
function withoutRun(csv: string): string {
  return csv.replace(/(,[^,\n]*){4}$/gm, '')
}
