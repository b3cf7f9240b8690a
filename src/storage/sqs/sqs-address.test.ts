import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatSqs, isSqs, parseSqs } from './sqs-address.ts'

const CANONICAL = 'sqs://sqs.eu-west-1.amazonaws.com/123456789012/letters'

describe('the address of a queue', () => {
  it('is a URL of sqs, the URL of the queue, or its ARN: all are one', () => {
    const forms = [CANONICAL, CANONICAL.replace('sqs:', 'https:'), 'arn:aws:sqs:eu-west-1:123456789012:letters']
    for (const form of forms) {
      assert.ok(isSqs(form))
      assert.equal(formatSqs(parseSqs(form)), CANONICAL)
      const { url, region, fifo, maxMessages } = parseSqs(form)
      assert.deepEqual([region, fifo, maxMessages], ['eu-west-1', false, 10_000])
      assert.equal(url, 'https://sqs.eu-west-1.amazonaws.com/123456789012/letters')
    }
  })

  it('knows FIFO queues, other partitions and servers of one’s own', () => {
    assert.equal(parseSqs(`${CANONICAL}.fifo`).fifo, true)
    assert.match(parseSqs('arn:aws-cn:sqs:cn-north-1:1:q').url, /^https:\/\/sqs\.cn-north-1\.amazonaws\.com\.cn\/1\/q$/)
    const { url, region } = parseSqs('http://localhost:4566/000000000000/q')
    assert.deepEqual([url, region], ['http://localhost:4566/000000000000/q', undefined])
    assert.equal(formatSqs(parseSqs('http://localhost:4566/000000000000/q')), 'sqs://localhost:4566/000000000000/q')
  })

  it('keeps its options in every spelling', () => {
    const full = `${CANONICAL}?maxMessages=7&overflow=s3://bucket/a%20%26%2B%23b/`
    assert.equal(parseSqs(full).overflow, 's3://bucket/a &+#b/')
    assert.equal(formatSqs(parseSqs(full)), full)
  })

  it('is refused when it is none, with what to write', () => {
    assert.throws(() => parseSqs('sqs://letters'), { code: 'usage', message: /sqs:\/\/sqs\.region\.amazonaws\.com/ })
    assert.throws(() => parseSqs('https://example.com/hook'), { code: 'usage' })
    assert.throws(() => parseSqs(`${CANONICAL}?maxMessage=7`), { message: /did you mean "maxMessages"/ })
    assert.throws(() => parseSqs(`${CANONICAL}?maxMessages=0`), { message: /1 or more/ })
    assert.throws(() => parseSqs(`${CANONICAL}?overflow=s3://bucket/key`), { message: /slash/ })
    assert.equal(isSqs('letters/dead.jsonl'), false)
  })
})
