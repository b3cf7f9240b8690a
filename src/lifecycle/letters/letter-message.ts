import { createHash } from 'node:crypto'
import type { SqsMessage } from '../../storage/sqs/sqs-message.ts'
import type { DeadLetter } from '../../validation/dead-letter.ts'

/** The message of one letter: its line, with what subscribers filter by as attributes. */
export function letterMessage(line: string, fifo: boolean): SqsMessage {
  const { id, job, run_id, kind, errors } = JSON.parse(line) as DeadLetter
  const attributes = { job, run_id, kind, code: errors[0]?.code ?? '' }
  return message(id, line, { attributes, fifo })
}

/** In place of letters that are elsewhere: too long for the queue, or too many. */
export interface LetterPointer {
  readonly schema_version: '1.0'
  readonly kind: 'pointer'
  readonly run_id: string
  readonly job: string
  /** `too-long`: one letter; `too-many`: the rest of the run. */
  readonly reason: 'too-long' | 'too-many'
  readonly letters: number
  readonly bytes: number
  /** `s3://…` or a path, with letters one a line. */
  readonly location: string
  /** Of the letter, where it is one. */
  readonly id?: string
  readonly code?: string
}

export function pointerMessage(pointer: LetterPointer, fifo: boolean): SqsMessage {
  const { id, run_id, job, kind, reason, code = reason } = pointer
  const attributes = { job, run_id, kind, code }
  return message(id ?? `${run_id}:${reason}`, JSON.stringify(pointer), { attributes, fifo })
}

function message(
  id: string,
  text: string,
  { attributes, fifo }: { readonly attributes: Readonly<Record<string, string>>; readonly fifo: boolean },
): SqsMessage {
  const body = text.replace(UNSENDABLE, (char) => `\\u${char.charCodeAt(0).toString(16)}`)
  const sendable = Object.entries(attributes).map(([name, value]) => [name, attributeText(value)])
  return {
    id,
    body,
    attributes: Object.fromEntries(sendable) as Record<string, string>,
    // The letter names its run, its record and the run's instant: equal texts are one letter, sent again.
    ...(fifo ? { fifo: { group: groupOf(attributes['job'] ?? ''), deduplicationId: digest(text) } } : {}),
  }
}

/**
 * What JSON may hold as it is and SQS may not. Also each half of a pair, such as an emoji has: AWS takes them by now, other
 * servers do not, and one letter that is refused for good keeps all of its run waiting.
 */
const UNSENDABLE = /[\ufffe\uffff\ud800-\udfff]/g

/** An attribute is not empty, of what XML can hold, and short: a code may be whatever a job's author wrote. */
function attributeText(value: string): string {
  return value.toWellFormed().replace(UNPRINTABLE, ' ').slice(0, 256).toWellFormed() || 'none'
}

const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g

function groupOf(job: string): string {
  return job.replace(/[^\w!-/:-@[-`{-~]/g, '_').slice(0, 128) || 'sluice'
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
