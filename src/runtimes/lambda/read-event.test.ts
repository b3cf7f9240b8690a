import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isQueueEvent } from './answer-queue.ts'
import { type ObjectRecord, reasonToPass } from './object-record.ts'
import { type Request, readEvent, readMessage } from './read-event.ts'
import { eventOf, recorded } from './testing/events.ts'

const TOLD = { bucket: 'landing', key: 'in/a b+c%2F/ä.csv', etag: 'e1' }

describe('an event', () => {
  it('of S3 is read as AWS documents it', () => {
    assert.deepEqual(readEvent(recorded('s3-put')), {
      kind: 'objects',
      objects: [
        {
          event: 'ObjectCreated:Put',
          bucket: 'amzn-s3-demo-bucket',
          key: 'test/key',
          source: 's3://amzn-s3-demo-bucket/test/key',
          size: 1024,
          etag: '0123456789abcdef0123456789abcdef',
          correlationId: 'EXAMPLE123456789',
        },
      ],
    })
  })

  it('of EventBridge is read as AWS documents it', () => {
    assert.deepEqual(readEvent(recorded('eventbridge-object-created')), {
      kind: 'objects',
      objects: [
        {
          event: 'Object Created',
          bucket: 'amzn-s3-demo-bucket1',
          key: 'example-key',
          source: 's3://amzn-s3-demo-bucket1/example-key',
          size: 5,
          etag: 'b1946ac92492d2347c6235b4d2611184',
          versionId: 'IYV3p45BT0ac8hjHg1houSdS1a.Mro8e',
          correlationId: '17793124-05d4-b198-2fde-7ededc63b103',
        },
      ],
    })
  })

  for (const shape of ['s3-put', 'eventbridge-object-created', 'sns-s3', 'sqs-s3', 'sqs-sns-s3', 'sqs-fifo-s3']) {
    it(`of the shape ${shape} names the key as it is`, () => {
      const event = eventOf(shape, TOLD)
      assert.equal(isQueueEvent(event), shape.startsWith('sqs'))
      const request = isQueueEvent(event) ? readMessage(event.Records[0]?.body, 'm') : readEvent(event)
      const [{ bucket, key, etag, source }] = objectsOf(request) as [ObjectRecord]
      assert.deepEqual({ bucket, key, etag }, TOLD)
      assert.equal(source, `s3://landing/${TOLD.key}`)
    })
  }

  it('by which S3 tests a destination asks for nothing, also in a message', () => {
    const test = recorded('s3-test-event')
    assert.deepEqual(objectsOf(readEvent(test)), [])
    assert.deepEqual(objectsOf(readMessage(JSON.stringify(test), 'm')), [])
  })

  it('that somebody sends has params, beside one another or together', () => {
    assert.deepEqual(readEvent(recorded('direct')), {
      kind: 'run',
      params: { day: '2026-11-24', source: 's3://amzn-s3-demo-bucket/in.csv' },
    })
    assert.deepEqual(readEvent({ runId: 'r1', limit: 3, dry: false }), {
      kind: 'run',
      params: { limit: '3', dry: 'false' },
      runId: 'r1',
    })
    assert.deepEqual(readEvent(undefined), { kind: 'run', params: {} })
    assert.deepEqual(readMessage('{"params":{"day":"x"}}', 'm1'), { kind: 'run', params: { day: 'x' }, eventId: 'm1' })
  })

  it('of a schedule is a run without params, which has a name', () => {
    const eventId = 'cdc73f9d-aea9-11e3-9d5a-835b769c0d9c'
    const run = { kind: 'run', params: {}, eventId }
    assert.deepEqual(readEvent(recorded('scheduled-event')), run)
    assert.deepEqual(readMessage(JSON.stringify(recorded('scheduled-event')), 'm1'), run)
  })

  for (const [what, event] of [
    ['of Kinesis', recorded('kinesis')],
    ['without records', { Records: [] }],
    ['of a half object', { Records: [{ eventSource: 'aws:s3', s3: { bucket: { name: 'b' } } }] }],
    ['with a key that nobody encoded', eventOfKey('50%')],
    [
      'of another source of EventBridge',
      { source: 'aws.ec2', 'detail-type': 'EC2 Instance State-change Notification' },
    ],
    ['of an HTTP API', { version: '2.0', headers: { authorization: 'canary' }, body: 'canary' }],
    ['with params that are no texts', { params: { list: ['canary'] } }],
    ['that is a text', 'canary'],
  ] as const) {
    it(`${what} is refused in clear words, which do not repeat it`, () => {
      assert.throws(() => readEvent(event), { code: 'usage', message: /^The event cannot be handled: (?!.*canary)/ })
    })
  }

  for (const [what, body] of [
    ['no JSON', 'canary'],
    ['something else', '{"hello":"canary"}'],
    ['SNS with something else', '{"Type":"Notification","Message":"canary"}'],
    ['undefined', undefined],
  ] as const) {
    it(`of a message whose body is ${what} is refused likewise`, () => {
      const clear = /^The event cannot be handled: (?!.*canary)/
      assert.throws(
        () => readMessage(body, 'm'),
        (error: Error) => {
          assert.match(error.message, clear)
          assert.equal(error.cause, undefined)
          return true
        },
      )
    })
  }

  for (const [what, event, key, reason] of [
    ['that was removed', 'ObjectRemoved:Delete', 'in.csv', /tells of ObjectRemoved:Delete/],
    ['that was deleted', 'Object Deleted', 'in.csv', /tells of Object Deleted/],
    ['that stands for a folder', 'ObjectCreated:Put', 'in/', /marker of a folder/],
    ['that is hidden', 'ObjectCreated:Put', 'people/_runs/r1/part.csv', /hidden/],
    ['of a state', 'ObjectCreated:Put', '.sluice/ledger/r1.json', /hidden/],
  ] as const) {
    it(`of an object ${what} means no run`, () => {
      assert.match(`${reasonToPass({ event, bucket: 'b', key, source: '' })}`, reason)
    })
  }

  it('of an object that is there means one', () => {
    for (const event of ['ObjectCreated:CompleteMultipartUpload', 'Object Created']) {
      assert.equal(reasonToPass({ event, bucket: 'b', key: 'a_b/c.d.csv', source: '' }), undefined)
    }
  })
})

function objectsOf(request: Request): readonly ObjectRecord[] {
  assert.equal(request.kind, 'objects')
  return (request as Extract<Request, { kind: 'objects' }>).objects
}

function eventOfKey(key: string): unknown {
  const event = recorded('s3-put')
  event.Records[0].s3.object.key = key
  return event
}
