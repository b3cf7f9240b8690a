import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import type { Readable } from 'node:stream'
import { after, afterEach, describe, it } from 'node:test'
import { CopyObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { refused, Scene } from './conformance/scene.ts'
import type { FaultRule } from './faults/fault.ts'
import { startS3Server } from './s3-server.ts'
import { testClient } from './test-client.ts'

const server = await startS3Server({ buckets: ['bucket'] })
const { faults, requests } = server
const client = testClient(server)
const scene = new Scene(client, 'bucket', '')
const stored = server.buckets.get('bucket')!.objects
const BODY = randomBytes(3_000_000)

afterEach(() => {
  faults.clear()
  requests.clear()
  stored.clear()
})
after(async () => {
  client.destroy()
  await server.close()
})

describe('faults of the S3 server', () => {
  it('status: answers with the error, and does nothing', async () => {
    faults.add({ operation: 'PutObject', fault: { kind: 'status', status: 503, code: 'SlowDown' } })
    await refused(scene.put('a', BODY), 503, 'SlowDown')
    assert.equal(stored.has('a'), false)
  })

  it('status: can be a conflict of conditions, or ask to be tried later', async () => {
    const conflict = { kind: 'status', status: 409, code: 'ConditionalRequestConflict', retryAfterSeconds: 7 } as const
    faults.add({ operation: 'PutObject', fault: conflict })
    const error = await scene.put('a', 'x', { IfNoneMatch: '*' }).catch((error) => error)
    assert.equal(error.name, 'ConditionalRequestConflict')
    assert.equal(error.$response.headers['retry-after'], '7')
  })

  it('status: is told to HEAD without a body', async () => {
    faults.add({ operation: 'HeadObject', fault: { kind: 'status', status: 500, code: 'InternalError' } })
    await refused(scene.head('a'), 500)
  })

  it('reset: cuts the connection, and does nothing', async () => {
    faults.add({ operation: 'PutObject', fault: { kind: 'reset' } })
    await assert.rejects(scene.put('a', 'x'), { code: 'ECONNRESET' })
    assert.equal(stored.has('a'), false)
    assert.equal(requests.entries[0]!.status, undefined)
  })

  it('lostAnswer: does it, and cuts the connection', async () => {
    faults.add({ operation: 'PutObject', times: 1, fault: { kind: 'lostAnswer' } })
    await assert.rejects(scene.put('a', BODY), { code: 'ECONNRESET' })
    assert.ok((await scene.bytes('a')).equals(BODY))
    await refused(scene.put('a', BODY, { IfNoneMatch: '*' }), 412, 'PreconditionFailed')
  })

  it('lostAnswer: completes an upload that is then not there any more', async () => {
    faults.add({ operation: 'CompleteMultipartUpload', times: 1, fault: { kind: 'lostAnswer' } })
    const upload = await scene.createUpload('a', { Metadata: { run: '1' } })
    const parts = await scene.uploadParts(upload, ['x'])
    await assert.rejects(scene.complete(upload, parts), { code: 'ECONNRESET' })
    await refused(scene.complete(upload, parts), 404, 'NoSuchUpload')
    assert.deepEqual((await scene.head('a')).Metadata, { run: '1' })
  })

  it('hang: never answers, and does nothing', async () => {
    faults.add({ operation: 'PutObject', fault: { kind: 'hang' } })
    const abortSignal = AbortSignal.timeout(300)
    const command = new PutObjectCommand({ Bucket: 'bucket', Key: 'a', Body: BODY })
    await assert.rejects(client.send(command, { abortSignal }), { name: 'AbortError' })
    assert.equal(stored.has('a'), false)
  })

  it('resetAfter: cuts the body after at most so many bytes', async () => {
    await scene.put('a', BODY)
    faults.add({ operation: 'GetObject', fault: { kind: 'resetAfter', bytes: 1_000_000 } })
    const { bytes, error } = await readSome('a')
    assert.ok(bytes.length <= 1_000_000 && bytes.equals(BODY.subarray(0, bytes.length)))
    assert.equal(error?.code, 'ECONNRESET')
  })

  it('truncate: closes in order after exactly so many bytes', async () => {
    await scene.put('a', BODY)
    faults.add({ operation: 'GetObject', fault: { kind: 'truncate', bytes: 1_000_000 } })
    const { bytes, error } = await readSome('a')
    assert.ok(bytes.equals(BODY.subarray(0, 1_000_000)))
    assert.notEqual(error, undefined)
    assert.equal(requests.bytesServed('GetObject'), 1_000_000)
  })

  it('truncate: cuts answers in XML, too', async () => {
    faults.add({ operation: 'ListObjectsV2', fault: { kind: 'truncate', bytes: 50 } })
    await assert.rejects(scene.list())
  })

  it('stall: sends exactly so many bytes and keeps the connection', async () => {
    await scene.put('a', BODY)
    faults.add({ operation: 'GetObject', fault: { kind: 'stall', bytes: 1_000_000 } })
    const { bytes, error } = await readSome('a', 1000)
    assert.ok(bytes.equals(BODY.subarray(0, 1_000_000)))
    assert.equal(error?.name, 'AbortError')
  })

  it('cuts at the first byte send headers alone, and cuts behind the last one nothing', async () => {
    await scene.put('a', 'hello')
    faults.add({ operation: 'GetObject', times: 1, fault: { kind: 'truncate', bytes: 0 } })
    const answer = await scene.get('a')
    assert.equal(answer.ContentLength, 5)
    await assert.rejects(answer.Body!.transformToByteArray())
    faults.add({ operation: 'GetObject', times: 1, fault: { kind: 'truncate', bytes: 5 } })
    assert.equal(await scene.text('a'), 'hello')
  })

  it('corrupt: changes one byte, which only the checksum of the whole object tells', async () => {
    await scene.put('a', BODY)
    const place = 2_000_000
    faults.add({ operation: 'GetObject', fault: { kind: 'corrupt', byte: place } })
    await assert.rejects(scene.bytes('a'), /Checksum mismatch/)
    const bytes = await scene.bytes('a', { Range: 'bytes=0-' })
    assert.equal(bytes[place], 255 - BODY[place]!)
    bytes[place] = BODY[place]!
    assert.ok(bytes.equals(BODY))
  })

  it('errorIn200: answers 200 with an error, and does nothing', async () => {
    const fault = { kind: 'errorIn200', code: 'InternalError' } as const
    faults.add({ operation: 'CompleteMultipartUpload', times: 1, fault })
    faults.add({ operation: 'CopyObject', times: 1, fault })
    const upload = await scene.createUpload('a')
    const parts = await scene.uploadParts(upload, ['x'])
    await assert.rejects(scene.complete(upload, parts), { name: 'InternalError' })
    assert.equal(stored.has('a'), false)
    await scene.complete(upload, parts)
    const copy = new CopyObjectCommand({ Bucket: 'bucket', Key: 'b', CopySource: 'bucket/a' })
    await assert.rejects(client.send(copy), { name: 'InternalError' })
    assert.equal(stored.has('b'), false)
  })

  it('delay: waits before anything is done', async () => {
    faults.add({ operation: 'PutObject', fault: { kind: 'delay', milliseconds: 1000 } })
    const start = performance.now()
    const putting = scene.put('a', 'x')
    await new Promise((wake) => setTimeout(wake, 100))
    assert.equal(stored.has('a'), false)
    await putting
    assert.ok(performance.now() - start >= 990)
  })

  it('slow: lets the body trickle', async () => {
    await scene.put('a', BODY.subarray(0, 100_000))
    faults.add({ operation: 'GetObject', fault: { kind: 'slow', bytesPerSecond: 400_000 } })
    const start = performance.now()
    assert.equal((await scene.bytes('a')).length, 100_000)
    assert.ok(performance.now() - start >= 230)
  })
})

describe('rules of faults', () => {
  const fault = { kind: 'status', status: 500, code: 'InternalError' } as const

  it('strike their operation, their key and their number of requests only', async () => {
    const rule = faults.add({ operation: 'GetObject', key: /^a/, skip: 1, times: 2, fault })
    await scene.put('a1', 'x')
    await scene.put('b1', 'x')
    assert.equal(await outcomes(['a1', 'b1', 'a1', 'a1', 'b1', 'a1']), 'x x 500 500 x x')
    assert.equal(rule.hits, 2)
  })

  it('strike one after the other, the first that applies', async () => {
    await scene.put('a', 'x')
    faults.add({ operation: '*', key: 'a', times: 1, fault: { ...fault, status: 503 } })
    faults.add({ operation: 'GetObject', times: 1, fault })
    assert.equal(await outcomes(['a', 'a', 'a']), '503 500 x')
  })

  it('can be removed', async () => {
    await scene.put('a', 'x')
    const rule = faults.add({ operation: 'GetObject', fault })
    rule.remove()
    assert.equal(await outcomes(['a']), 'x')
  })

  it('are refused when they could never strike', () => {
    assert.throws(() => faults.add({ operation: 'GetObjekt', fault } as unknown as FaultRule), /GetObjekt/)
    const never = { kind: 'errorIn200', code: 'InternalError' } as const
    assert.throws(() => faults.add({ operation: 'GetObject', fault: never }), /GetObject has no errors/)
  })

  it('leave a trace in the log, beside what was counted', async () => {
    await scene.put('a', 'hello')
    faults.add({ operation: 'GetObject', times: 1, fault })
    await outcomes(['a', 'a'])
    await scene.bytes('a', { Range: 'bytes=1-3' })
    assert.deepEqual(
      requests.entries.map(({ operation, key, range, status, fault }) => [operation, key, range, status, fault]),
      [
        ['PutObject', 'a', undefined, 200, undefined],
        ['GetObject', 'a', undefined, 500, 'status'],
        ['GetObject', 'a', undefined, 200, undefined],
        ['GetObject', 'a', 'bytes=1-3', 206, undefined],
      ],
    )
    assert.equal(requests.count('GetObject'), 3)
    assert.deepEqual(requests.counts(), { PutObject: 1, GetObject: 3 })
  })
})

/** What comes before a body ends, fails, or gives nothing for too long. */
async function readSome(key: string, patience = 10_000) {
  const pieces: Buffer[] = []
  const { Body } = await scene.get(key)
  const stream = Body as Readable
  const timer = setTimeout(() => stream.destroy(new DOMException('too long', 'AbortError')), patience)
  let error: NodeJS.ErrnoException | undefined
  try {
    for await (const piece of stream) {
      timer.refresh()
      pieces.push(piece)
    }
  } catch (thrown) {
    error = thrown as NodeJS.ErrnoException
  }
  clearTimeout(timer)
  return { bytes: Buffer.concat(pieces), error }
}

/** The text of each object in turn, or the status of the refusal. */
async function outcomes(keys: readonly string[]): Promise<string> {
  const told: string[] = []
  for (const key of keys) told.push(await scene.text(key).catch((error) => String(error.$metadata.httpStatusCode)))
  return told.join(' ')
}
