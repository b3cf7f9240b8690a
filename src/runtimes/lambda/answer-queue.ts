import type { Invocation } from './invocation.ts'
import { readMessage } from './read-event.ts'
import { runDirect } from './run-direct.ts'
import { runObjects } from './run-object.ts'
import { tellFailure } from './tell-failure.ts'

/** The messages that are to be delivered again. The mapping of the queue must ask for it: ReportBatchItemFailures. */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[]
}

interface QueueMessage {
  readonly messageId: string
  readonly body: unknown
  readonly eventSourceARN?: string
}

interface QueueEvent {
  readonly Records: readonly QueueMessage[]
}

export function isQueueEvent(event: unknown): event is QueueEvent {
  const records = (event as { Records?: unknown } | null | undefined)?.Records
  return Array.isArray(records) && records.length > 0 && records.every((record) => record?.eventSource === 'aws:sqs')
}

/**
 * Handles message after message. One that fails fails alone; but in a FIFO queue nothing may overtake it, so all that
 * follow are returned with it. What no time is left for is returned as well.
 */
export async function answerQueue({ Records: messages }: QueueEvent, invocation: Invocation): Promise<BatchAnswer> {
  const failed: string[] = []
  for (const [index, message] of messages.entries()) {
    if (invocation.signal.aborted || (failed.length > 0 && isFifo(message))) {
      const rest = messages.slice(index)
      invocation.log.warn('messages are left for a later invocation', { messages: rest.length })
      failed.push(...rest.map(({ messageId }) => messageId))
      break
    }
    if (!(await succeeds(message, invocation))) failed.push(message.messageId)
  }
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) }
}

async function succeeds({ messageId, body }: QueueMessage, invocation: Invocation): Promise<boolean> {
  const request = readable(body, messageId, invocation)
  if (request === undefined) return false
  try {
    // The next delivery finds the run, and does what is left to do.
    if (request.kind === 'run') return (await runDirect(request, invocation)).unfinished.length === 0
    await runObjects(request.objects, invocation)
    return true
  } catch {
    // It was told where it happened.
    return false
  }
}

function readable(body: unknown, messageId: string, { log }: Invocation) {
  try {
    return readMessage(body, messageId)
  } catch (error) {
    tellFailure(error, log, { message_id: messageId })
    return undefined
  }
}

function isFifo({ eventSourceARN = '' }: QueueMessage): boolean {
  return eventSourceARN.endsWith('.fifo')
}
