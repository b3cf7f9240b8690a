import { messageBytes, type SqsMessage } from './sqs-message.ts'

/** Of one request to SQS: so many messages, and so many bytes in sum. */
export const BATCH_MESSAGES = 10
export const BATCH_BYTES: number = 1 << 20

/** Messages in their order, as many a batch as one request takes. One that is longer than a whole batch is alone in its. */
export async function* batchMessages<M extends SqsMessage>(
  messages: AsyncIterable<M> | Iterable<M>,
): AsyncGenerator<readonly M[], void, void> {
  let batch: M[] = []
  let bytes = 0
  for await (const message of messages) {
    const more = messageBytes(message)
    if (batch.length === BATCH_MESSAGES || (batch.length > 0 && bytes + more > BATCH_BYTES)) {
      yield batch
      batch = []
      bytes = 0
    }
    batch.push(message)
    bytes += more
  }
  if (batch.length > 0) yield batch
}
