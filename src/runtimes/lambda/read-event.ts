import { badEvent } from './bad-event.ts'
import { eventBridgeRecord, notificationRecord, type ObjectRecord } from './object-record.ts'

/** What an event asks for: a run, or one for each of some objects. */
export type Request = DirectRun | { readonly kind: 'objects'; readonly objects: readonly ObjectRecord[] }

export interface DirectRun {
  readonly kind: 'run'
  readonly params: Readonly<Record<string, string>>
  readonly runId?: string
  /** Of the event, if it stays the same when the event is delivered again. */
  readonly eventId?: string
}

type Fields = Readonly<Record<string, unknown>>

/** Reads the event of an invocation that is no batch of messages. Throws `usage`. */
export function readEvent(event: unknown): Request {
  return knownEvent(event) ?? directRun(event ?? {})
}

/** Reads the body of a message: an event as AWS sends it, perhaps by SNS, or `{ "params": { … } }`. Throws `usage`. */
export function readMessage(body: unknown, messageId: string): Request {
  const content = parsed(body, 'the body of the message')
  const { Type: type, Message: message } = isFields(content) ? content : {}
  const event = type === 'Notification' ? parsed(message, 'the message of SNS') : content
  const known = knownEvent(event)
  if (known !== undefined) return known
  if (!isFields(event) || !isFields(event['params'])) throw badEvent('the message is of no known shape')
  return { eventId: messageId, ...directRun(event) }
}

/** Undefined for what is none of AWS's. */
function knownEvent(event: unknown): Request | undefined {
  if (!isFields(event)) return undefined
  // Sent once, when a bucket is told where its notifications go.
  if (event['Event'] === 's3:TestEvent') return { kind: 'objects', objects: [] }
  if ('Records' in event) return { kind: 'objects', objects: recordsOf(event['Records']) }
  return 'detail-type' in event ? eventBridgeRequest(event) : undefined
}

function recordsOf(records: unknown): readonly ObjectRecord[] {
  if (!Array.isArray(records) || records.length === 0) throw badEvent('its Records are no list, or an empty one')
  return records.flatMap((record: Fields) => {
    const from = record?.['eventSource'] ?? record?.['EventSource']
    if (from === 'aws:s3') return [notificationRecord(record)]
    if (from !== 'aws:sns') throw badEvent(`its records come from ${JSON.stringify(from) ?? 'nowhere'}`)
    const request = knownEvent(parsed((record['Sns'] as Fields)?.['Message'], 'the message of SNS'))
    if (request?.kind !== 'objects') throw badEvent('the message of SNS tells of no objects')
    return request.objects
  })
}

function eventBridgeRequest(event: Fields): Request {
  const { id, source, 'detail-type': type } = event
  if (source === 'aws.s3') return { kind: 'objects', objects: [eventBridgeRecord(event)] }
  if (type !== 'Scheduled Event') throw badEvent(`it comes from EventBridge's source ${JSON.stringify(source)}`)
  return { kind: 'run', params: {}, ...(typeof id === 'string' ? { eventId: id } : {}) }
}

/** `{ "params": { … }, "runId": "…" }`; whatever stands beside them is a param as well. */
function directRun(event: unknown): DirectRun {
  if (!isFields(event)) throw badEvent('it is no object')
  const { params = {}, runId, ...others } = event
  if (!isFields(params)) throw badEvent('its params are no object')
  if (runId !== undefined && typeof runId !== 'string') throw badEvent('its runId is no text')
  const entries = Object.entries({ ...others, ...params }).map(([name, value]) => {
    if (!['string', 'number', 'boolean'].includes(typeof value)) throw badEvent(`its ${name} is no text or number`)
    return [name, String(value)]
  })
  return { kind: 'run', params: Object.fromEntries(entries), ...(runId === undefined ? {} : { runId }) }
}

function parsed(text: unknown, what: string): unknown {
  try {
    return JSON.parse(text as string)
  } catch {
    // The cause would quote the text.
    throw badEvent(`${what} is no JSON`)
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
