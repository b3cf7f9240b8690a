import { crashPoint } from '../../storage/crash-point.ts'
import { batchMessages } from '../../storage/sqs/batch-messages.ts'
import { queueFacts } from '../../storage/sqs/queue-facts.ts'
import { sendBatch } from '../../storage/sqs/send-batch.ts'
import { parseSqs, type SqsAddress } from '../../storage/sqs/sqs-address.ts'
import { queueError } from '../../storage/sqs/sqs-error.ts'
import { messageBytes, type SqsMessage } from '../../storage/sqs/sqs-message.ts'
import type { SealedLetters } from '../journal-record.ts'
import type { OpenRun } from '../open-run.ts'
import { letterLines } from './letter-lines.ts'
import { letterMessage, pointerMessage } from './letter-message.ts'
import { type Overflow, overflowOf } from './overflow.ts'

/** What is to be sent, and from where on. */
interface Post {
  readonly run: OpenRun
  readonly sealed: SealedLetters
  readonly queue: SqsAddress
  /** Letters that the journal knows to be in the queue, and the byte behind them. */
  readonly sent: { readonly letters: number; readonly bytes: number }
  readonly maxBytes: number
  readonly overflow: Overflow
}

interface PlacedMessage extends SqsMessage {
  /** Letters up to and with this one, and the byte behind it. */
  readonly after: { readonly letters: number; readonly bytes: number }
}

/**
 * Sends the letters of a run to a queue, in steps that the journal keeps: a repetition begins behind the last one. Beyond
 * `maxMessages` one more message says where the rest is. Returns the address.
 */
export async function sendLetters(run: OpenRun, sealed: SealedLetters, address: string): Promise<string> {
  try {
    const queue = parseSqs(address)
    const { maxBytes } = await queueFacts(queue)
    const sent = run.progress.lettersSent ?? { letters: 0, bytes: 0 }
    await sendAll({ run, sealed, queue, sent, maxBytes, overflow: overflowOf(run, queue.overflow) })
    return address
  } catch (error) {
    throw queueError(error, 'dead-letters-undelivered', `Cannot send to ${address}`)
  }
}

async function sendAll(post: Post): Promise<void> {
  const { run, sealed, queue } = post
  const step = Math.ceil(sealed.letters / STEPS)
  let journaled = post.sent
  let sent = post.sent
  for await (const round of rounds(batchMessages(messagesOf(post)), queue.fifo ? 1 : TOGETHER)) {
    const { arrived, failure } = await together(round.map((batch) => sendBatch(queue, batch)))
    crashPoint('letters-sent')
    sent = round.slice(0, arrived).flat().at(-1)?.after ?? sent
    const due = sent.letters - journaled.letters >= step || sent.letters >= sealed.letters
    // Before a failure in any case: every repetition would send once more what has arrived.
    if (due || (failure !== undefined && sent !== journaled)) {
      await journal(run, sent)
      journaled = sent
    }
    if (failure !== undefined) throw failure
  }
}

async function journal(run: OpenRun, { letters, bytes }: Post['sent']): Promise<void> {
  run.append({ type: 'letters-sent', letters, bytes })
  await run.publish()
  crashPoint('letters-sent-journaled')
}

async function* messagesOf(post: Post): AsyncGenerator<PlacedMessage, void, void> {
  const { sealed, queue, sent } = post
  let after = sent
  for await (const { text, end } of letterLines({ path: sealed.path, from: sent.bytes, to: sealed.bytes })) {
    if (after.letters >= queue.maxMessages) {
      yield await restMessage(post, after)
      return
    }
    after = { letters: after.letters + 1, bytes: end }
    yield { ...(await fittingMessage(post, text)), after }
  }
}

async function fittingMessage({ run, queue, maxBytes, overflow }: Post, line: string): Promise<SqsMessage> {
  const message = letterMessage(line, queue.fifo)
  if (messageBytes(message) <= maxBytes) return message
  const { id, attributes } = message
  const location = await overflow.keepLetter({ id, line, most: maxBytes })
  const size = { letters: 1, bytes: Buffer.byteLength(line) + 1 }
  const { code = '' } = attributes
  return pointerMessage({ ...pointerHead(run), reason: 'too-long', ...size, location, id, code }, queue.fifo)
}

async function restMessage(
  { run, sealed, queue, overflow }: Post,
  { letters: before, bytes: from }: { readonly letters: number; readonly bytes: number },
): Promise<PlacedMessage> {
  const location = await overflow.keepRest({ path: sealed.path, from, to: sealed.bytes })
  const size = { letters: sealed.letters - before, bytes: sealed.bytes - from }
  const message = pointerMessage({ ...pointerHead(run), reason: 'too-many', ...size, location }, queue.fifo)
  return { ...message, after: { letters: sealed.letters, bytes: sealed.bytes } }
}

function pointerHead({ runId, progress }: OpenRun) {
  return { schema_version: '1.0', kind: 'pointer', run_id: runId, job: progress.begun?.job ?? '' } as const
}

/** Some batches at a time, for a request waits for its answer much longer than it works. */
async function* rounds<T>(items: AsyncIterable<T>, most: number): AsyncGenerator<readonly T[], void, void> {
  let round: T[] = []
  for await (const item of items) {
    round.push(item)
    if (round.length < most) continue
    yield round
    round = []
  }
  if (round.length > 0) yield round
}

/** When none is under way any more: how many came to their end before the first that failed, and why that did. */
async function together(work: readonly Promise<void>[]): Promise<{ arrived: number; failure?: unknown }> {
  const results = await Promise.allSettled(work)
  const arrived = results.findIndex(({ status }) => status === 'rejected')
  if (arrived === -1) return { arrived: work.length }
  return { arrived, failure: (results[arrived] as PromiseRejectedResult).reason }
}

/** One batch at a time to a FIFO queue, which keeps the order. */
const TOGETHER = 8
/** The most that the journal gets of one delivery. */
const STEPS = 500
