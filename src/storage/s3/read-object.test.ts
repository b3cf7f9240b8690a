import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { after, afterEach, before, describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { type S3Server, startS3Server } from '../testing/s3/s3-server.ts'
import { testClient } from '../testing/s3/test-client.ts'
import { headObject, listObjects } from './find-objects.ts'
import { type ReadObjectOptions, readObject, type S3Object } from './read-object.ts'
import { withSettings } from './s3-settings.ts'
import { readText } from './small-objects.ts'

const BYTES = randomBytes(4_000_000)
const { signal } = new AbortController()
let server: S3Server

// The client of this process takes them when it is made.
process.env['SLUICE_S3_IDLE_MS'] = '300'
process.env['SLUICE_S3_RETRY_MS'] = '1'

describe('an object of S3 is read', () => {
  before(async () => {
    process.env['AWS_ACCESS_KEY_ID'] = 'test'
    process.env['AWS_SECRET_ACCESS_KEY'] = 'test'
    server = await startS3Server({ buckets: ['bucket'] })
    await put('big', BYTES)
  })
  afterEach(() => {
    server.faults.clear()
    server.requests.clear()
  })
  after(() => server.close())

  it('whole, through ten resets at random places', async () => {
    for (let reset = 0; reset < 10; reset++) {
      strike({ kind: 'resetAfter', bytes: 20_000 + Math.floor(Math.random() * 300_000) })
    }
    assert.equal(sha256(await all(await object('big'))), sha256(BYTES))
    assert.equal(server.requests.count('GetObject'), 11)
    const [first, ...resumed] = server.requests.entries.filter(({ operation }) => operation === 'GetObject')
    assert.equal(first?.range, undefined)
    assert.ok(resumed.every(({ range }) => /^bytes=\d+-3999999$/.test(`${range}`)))
  })

  it('whole, through truncations and silences', async () => {
    for (const bytes of [0, 1, 100_000, 700_000]) strike({ kind: 'truncate', bytes })
    for (const bytes of [0, 300_000]) strike({ kind: 'stall', bytes })
    assert.equal(sha256(await all(await object('big'))), sha256(BYTES))
  })

  it('in one version: of one that is replaced meanwhile comes an error and no mixture', async () => {
    await put('replaced', BYTES)
    const then = await object('replaced')
    strike({ kind: 'resetAfter', bytes: 500_000 })
    const chunks: Buffer[] = []
    const reading = inS3(async () => {
      for await (const chunk of readObject(then, { signal })) {
        if (chunks.length === 0) await put('replaced', randomBytes(4_000_000))
        chunks.push(chunk)
      }
    })
    await assert.rejects(reading, {
      code: 'source-changed',
      message: /bucket\/replaced was replaced while it was read/,
    })
    const read = Buffer.concat(chunks)
    assert.ok(read.length < BYTES.length && read.equals(BYTES.subarray(0, read.length)))
  })

  it('by somebody slow, who is not taken for a silent S3', async () => {
    let pauses = 0
    await inS3(async () => {
      for await (const _ of readObject(await object('big'), { signal, idleMs: 100 })) {
        if (pauses++ < 3) await sleep(350)
      }
    })
    assert.equal(server.requests.count('GetObject'), 1)
  })

  it('only as long as something comes: then the error says what and where', async () => {
    server.faults.add({ operation: 'GetObject', fault: { kind: 'stall', bytes: 0 } })
    const then = await object('big')
    const started = Date.now()
    await assert.rejects(all(then, { idleMs: 50 }), {
      code: 'source-failed',
      message: 'Cannot read s3://bucket/big at byte 0: no byte came for 0.05 s.',
    })
    assert.ok(Date.now() - started < 5000)
    assert.equal(server.requests.count('GetObject'), 5)
  })

  it('no further when the run is aborted, not even in a silence', async () => {
    server.faults.add({ operation: 'GetObject', fault: { kind: 'stall', bytes: 1000 } })
    const abort = new AbortController()
    setTimeout(() => abort.abort(new Error('enough')), 50)
    const started = Date.now()
    await assert.rejects(all(await object('big'), { signal: abort.signal, idleMs: 10_000 }), /enough/)
    assert.ok(Date.now() - started < 2000)
  })

  it('with an error for a byte that is not what S3 has the checksum of, also behind a reset', async () => {
    const then = await object('big')
    strike({ kind: 'corrupt', byte: 1_234_567 })
    await assert.rejects(all(then), { code: 'source-failed', message: /are not those that S3 has the checksum of/ })
    strike({ kind: 'resetAfter', bytes: 100_000 })
    strike({ kind: 'corrupt', byte: 1_234_567 })
    await assert.rejects(all(then), { code: 'source-failed', message: /are not those that S3 has the checksum of/ })
  })

  it('in ranges, each through resets', async () => {
    const then = await object('big')
    strike({ kind: 'resetAfter', bytes: 1000 })
    const range = { start: 1_000_000, end: 1_500_000 }
    assert.ok((await all(then, { range })).equals(BYTES.subarray(1_000_000, 1_500_000)))
  })

  it('or refused at once where it is no use to try again', async () => {
    server.faults.add({ operation: 'GetObject', fault: { kind: 'status', status: 403, code: 'AccessDenied' } })
    const then = await object('big')
    await assert.rejects(all(then), { code: 'source-failed', message: /Check the permissions of these credentials/ })
    assert.equal(server.requests.count('GetObject'), 1)
  })

  it('as a record as well, whatever becomes of its first answers', async () => {
    await put('record', '{"version":1,"text":"as it was written"}')
    const faults = [
      { kind: 'truncate', bytes: 10 },
      { kind: 'stall', bytes: 10 },
      { kind: 'corrupt', byte: 10 },
      { kind: 'resetAfter', bytes: 10 },
    ] as const
    for (const fault of faults) strike(fault)
    const found = await inS3(() => readText({ bucket: 'bucket', key: 'record' }))
    assert.equal(found?.text, '{"version":1,"text":"as it was written"}')
  })

  it('and found page after page, in the order of the keys', async () => {
    await put('pages/0', 'x')
    const bucket = server.buckets.get('bucket') as NonNullable<ReturnType<typeof server.buckets.get>>
    const keys = Array.from({ length: 2100 }, (_, index) => `pages/${index}`)
    for (const key of keys.slice(1)) bucket.put(key, bucket.object('pages/0'))
    const found = await inS3(() => listObjects({ bucket: 'bucket', key: 'pages/' }))
    assert.deepEqual(
      found.map(({ key }) => key),
      keys.toSorted(),
    )
    assert.equal(server.requests.count('ListObjectsV2'), 3)
  })

  it('and found, though an answer of S3 falls silent', async () => {
    server.faults.add({ operation: 'ListObjectsV2', times: 2, fault: { kind: 'stall', bytes: 100 } })
    const found = await inS3(() => listObjects({ bucket: 'bucket', key: 'bi' }))
    assert.deepEqual(
      found.map(({ key }) => key),
      ['big'],
    )
  })
})

function strike(fault: Parameters<S3Server['faults']['add']>[0]['fault']): void {
  server.faults.add({ operation: 'GetObject', times: 1, fault })
}

function inS3<R>(work: () => R): R {
  return withSettings({ endpoint: server.endpoint, region: 'us-east-1' }, work)
}

async function put(Key: string, Body: string | Buffer): Promise<void> {
  await testClient(server).send(new PutObjectCommand({ Bucket: 'bucket', Key, Body }))
}

async function object(key: string): Promise<S3Object> {
  return (await inS3(() => headObject({ bucket: 'bucket', key }))) as S3Object
}

async function all(then: S3Object, options: Partial<ReadObjectOptions> = {}): Promise<Buffer> {
  return Buffer.concat(await inS3(() => Array.fromAsync(readObject(then, { signal, ...options }))))
}

function sha256(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex')
}
