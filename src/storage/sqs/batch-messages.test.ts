import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { BATCH_BYTES, BATCH_MESSAGES, batchMessages } from './batch-messages.ts'
import { messageBytes, type SqsMessage } from './sqs-message.ts'

const texts = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 20 }),
  fc
    .record({ unit: fc.constantFrom('a', 'é', '漢', '😀'), length: fc.nat(90_000) })
    .map(({ unit, length }) => unit.repeat(length)),
)
const messages: fc.Arbitrary<SqsMessage> = fc.record({
  id: fc.string(),
  body: texts,
  attributes: fc.record({ job: fc.string({ minLength: 1, maxLength: 30 }), code: fc.constantFrom('é', 'a-code') }),
})

describe('batches of messages', () => {
  it('keep the order, hold ten messages and one MiB at most, and none could hold its next message as well', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(messages, { maxLength: 60 }), async (all) => {
        const batches: (readonly SqsMessage[])[] = []
        for await (const batch of batchMessages(all)) batches.push(batch)
        assert.deepEqual(batches.flat(), all)
        batches.forEach((batch, index) => {
          assert.ok(batch.length > 0 && batch.length <= BATCH_MESSAGES)
          assert.ok(sum(batch) <= BATCH_BYTES)
          const [next] = batches[index + 1] ?? []
          assert.ok(next === undefined || batch.length === BATCH_MESSAGES || sum([...batch, next]) > BATCH_BYTES)
        })
      }),
      { numRuns: 60 },
    )
  })

  it('count bytes of UTF-8 in bodies, names, types and values', () => {
    assert.equal(messageBytes({ body: '漢😀', attributes: { job: 'é' } }), 7 + 3 + 6 + 2)
  })
})

function sum(batch: readonly SqsMessage[]): number {
  return batch.reduce((bytes, message) => bytes + messageBytes(message), 0)
}
