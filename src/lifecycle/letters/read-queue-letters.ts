import { type QueueFacts, queueFacts } from '../../storage/sqs/queue-facts.ts'
import { HELD_SECONDS, type QueueSample, sampleQueue } from '../../storage/sqs/sample-queue.ts'
import { parseSqs } from '../../storage/sqs/sqs-address.ts'
import { queueError } from '../../storage/sqs/sqs-error.ts'

export interface QueueLetters {
  readonly bodies: readonly string[]
  readonly notes: readonly string[]
}

/** Some letters of a queue, which keeps them all. */
export async function lettersOfQueue(address: string, most: number): Promise<QueueLetters> {
  try {
    const queue = parseSqs(address)
    const facts = await queueFacts(queue)
    const sample = await sampleQueue(queue, most)
    return { bodies: sample.bodies, notes: notesOf(sample, facts) }
  } catch (error) {
    throw queueError(error, 'source-failed', `Cannot read ${address}`)
  }
}

function notesOf({ bodies, held }: QueueSample, { messages, maxReceives }: QueueFacts): readonly string[] {
  const seen = bodies.length
  const all = messages === undefined ? '' : ` of about ${messages}`
  return [
    `a sample: ${seen}${all} in the queue, which keeps them all; another look may show others`,
    ...(maxReceives === undefined
      ? []
      : [`a message that was looked at more than ${maxReceives} times moves to the queue's own dead-letter queue`]),
    ...(held === undefined ? [] : [`${HIDDEN}: ${queueError(held, 'source-failed', RELEASE).message}`]),
  ]
}

const HIDDEN = `these messages are hidden from others for ${HELD_SECONDS} seconds`
const RELEASE = 'Cannot make messages visible again'
