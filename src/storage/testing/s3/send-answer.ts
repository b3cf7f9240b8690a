import type { ServerResponse } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault } from './faults/fault.ts'
import { BodyCut, type Cut, spoilBody } from './faults/spoil-body.ts'
import type { S3Answer } from './protocol/s3-answer.ts'

/** A reset overtakes what the client has not taken in yet, so it waits a little. */
const BEFORE_RESET_MILLISECONDS = 20

/** Sends an answer as the fault lets it through, and tells how much of the body was sent. */
export async function sendAnswer(
  response: ServerResponse,
  answer: S3Answer,
  fault: Fault | undefined,
  count: (bytes: number) => void,
): Promise<void> {
  response.writeHead(answer.status, answer.headers)
  try {
    for await (const bytes of spoilBody(chunksOf(answer), fault)) {
      if (response.closed) return
      count(bytes.length)
      if (!response.write(bytes)) await drained(response)
    }
    response.end()
  } catch (error) {
    if (!(error instanceof BodyCut)) throw error
    await cutOff(response, error.cut)
  }
}

async function* chunksOf({ body }: S3Answer): AsyncGenerator<Uint8Array> {
  if (body instanceof Uint8Array) yield body
  else if (body !== null) yield* body
}

/** A client may also go instead of reading on. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((done) => {
    const finish = () => {
      response.off('drain', finish)
      response.off('close', finish)
      done()
    }
    response.once('drain', finish)
    response.once('close', finish)
  })
}

async function cutOff(response: ServerResponse, cut: Cut): Promise<void> {
  // Headers without a body are sent as well.
  response.flushHeaders()
  if (cut === 'truncate') response.socket?.end()
  if (cut !== 'resetAfter') return
  await pause(BEFORE_RESET_MILLISECONDS)
  response.socket?.resetAndDestroy()
}
