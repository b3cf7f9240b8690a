import assert from 'node:assert/strict'
import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { ensureBuilt } from '../../src/runtimes/cli/testing/sluice.ts'
import { eventOf } from '../../src/runtimes/lambda/testing/events.ts'
import { startS3Server } from '../../src/storage/testing/s3/s3-server.ts'
import { testClient } from '../../src/storage/testing/s3/test-client.ts'

const ROOT = join(import.meta.dirname, '../..')
const BRONZE = 'data-lake-dev-bronze'
const SILVER = 'data-lake-dev-silver'
/** What it takes to call the bundled handler, and no more of this repository. */
const CALL = `
const { handler } = await import(process.argv[1])
const context = { functionName: 'f', invokedFunctionArn: 'arn', memoryLimitInMB: '1769', awsRequestId: 'id', getRemainingTimeInMillis: () => 120000 }
process.stderr.write(JSON.stringify(await handler(JSON.parse(process.argv[2]), context)))
`

describe('the bundle of the sample', () => {
  before(async () => {
    await ensureBuilt()
    execFileSync(process.execPath, ['examples/lambda/build.mjs'], { cwd: ROOT, stdio: 'pipe' })
  })

  it('runs by itself, with the permissions of the template and nothing beside it', async () => {
    const csv = 'customer_id,email,phone\n1,Ann@Example.com,(212) 555-0101\n2,bob@example.com,+44 20 7946 0958\n'
    const text = await load(csv, permissionsOf('examples/lambda/template.yaml'))
    const rows = text.split('\n').map((line) => line.split(',').slice(0, 3))
    assert.deepEqual(rows.slice(1, 3), [
      ['1', 'ann@example.com', '+12125550101'],
      ['2', 'bob@example.com', '+442079460958'],
    ])
  })

  it('takes the thread for large files from itself', async () => {
    const rows = Array.from({ length: 700_000 }, (_, id) => `${id},person.${id}@example.com,+12125550101\n`)
    const csv = `customer_id,email,phone\n${rows.join('')}`
    assert.ok(csv.length > 25 << 20)
    const text = await load(csv)
    assert.equal(text.split('\n').length, 700_002)
  })

  const others = ['lambda/cdk/customer-files.ts', 'worker/cdk/customer-import.ts', 'worker/task-role-policy.json']
  for (const file of others) {
    it(`is permitted as much by ${file}`, () => {
      const asked = new Set(permissionsOf(`examples/${file}`))
      const missing = permissionsOf('examples/lambda/template.yaml').filter((action) => !asked.has(action))
      assert.deepEqual(missing, [])
    })
  }

  for (const file of ['lambda/template.yaml', ...others]) {
    it(`is permitted by ${file} to abort the upload of large dead letters`, () => {
      const text = readFileSync(join(ROOT, 'examples', file), 'utf8')
      // The actions on the place of the state, and of dead letters.
      const [, actions = ''] = /ctions?"?:\s((?:(?!ctions?"?:)[\s\S])*)esources?.*\.sluice\/\*/.exec(text)!
      for (const action of ['s3:AbortMultipartUpload', 's3:ListMultipartUploadParts'])
        assert.ok(actions.includes(action))
    })

    it(`is permitted by ${file} to list uploads of the target only`, () => {
      const [, place] = /s3:ListBucketMultipartUploads[\s\S]*?esources?"?: (.+)/.exec(
        readFileSync(join(ROOT, 'examples', file), 'utf8'),
      )!
      assert.match(String(place), /^[^,]*silver[^,]*,?$/)
    })
  }
})

/** What the bundle makes of a file, by a message of SQS. */
async function load(csv: string, allow?: readonly string[]): Promise<string> {
  const credentials = { lambda: allow === undefined ? {} : { allow }, test: {} }
  await using server = await startS3Server({ buckets: [BRONZE, SILVER], credentials })
  const told = { Bucket: BRONZE, Key: 'customers/new.csv' }
  const { ETag: etag = '' } = await testClient(server).send(new PutObjectCommand({ ...told, Body: csv }))
  const event = eventOf('sqs-s3', { bucket: told.Bucket, key: told.Key, etag })
  const { answer, log } = await call(event, server.endpoint)
  assert.equal(answer, '{"batchItemFailures":[]}', log)
  const { content } = server.buckets.get(SILVER)!.object('customers/new.csv')
  return Buffer.concat(await Array.fromAsync(content.read())).toString()
}

/** In a directory where nothing else can be found. */
async function call(event: unknown, endpoint: string): Promise<{ answer: string; log: string }> {
  const place = mkdtempSync(join(tmpdir(), 'sluice-task-'))
  try {
    cpSync(join(ROOT, 'dist/lambda'), place, { recursive: true })
    const args = ['--input-type=module', '-e', CALL, join(place, 'handler.mjs'), JSON.stringify(event)]
    const env = {
      ...{
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_ACCESS_KEY_ID: 'lambda',
        AWS_SECRET_ACCESS_KEY: 'x',
        AWS_REGION: 'us-east-1',
      },
      ...{ SLUICE_ENV: 'dev', TMPDIR: place },
    }
    const child = spawn(process.execPath, args, { cwd: place, env, stdio: ['ignore', 'pipe', 'pipe'] })
    const [log, answer] = await Promise.all([child.stdout, child.stderr].map((stream) => Array.fromAsync(stream)))
    return { answer: answer!.join(''), log: log!.join('') }
  } finally {
    rmSync(place, { recursive: true, force: true })
  }
}

/** The actions on S3 that a file of the sample names. */
function permissionsOf(file: string): readonly string[] {
  return [...new Set(readFileSync(join(ROOT, file), 'utf8').match(/s3:[A-Z][A-Za-z]+/g))].sort()
}
