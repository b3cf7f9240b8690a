import { readFileSync } from 'node:fs'

/** An object as events tell of it. */
export interface Told {
  readonly bucket: string
  readonly key: string
  readonly etag: string
  readonly versionId?: string
}

// biome-ignore lint/suspicious/noExplicitAny: events as AWS documents them
export type Event = any

/** An event as AWS documents it. */
export function recorded(name: string): Event {
  return JSON.parse(readFileSync(new URL(`../../../../fixtures/lambda/${name}.json`, import.meta.url), 'utf8'))
}

/** The event of the shape, of this object. */
export function eventOf(shape: string, told: Told): Event {
  const event = recorded(shape)
  if (shape.startsWith('eventbridge')) return bridgeEvent(event, told)
  if (shape === 's3-put') return notification(event, told)
  const [record] = event.Records
  if (record.Sns !== undefined) record.Sns.Message = refilled(record.Sns.Message, told)
  else record.body = body(record.body, told)
  return event
}

/** A batch of the shape, a message for each object. */
export function batchOf(shape: string, objects: readonly Told[]): Event {
  return { Records: objects.map((told, i) => ({ ...eventOf(shape, told).Records[0], messageId: `message-${i}` })) }
}

function notification(event: Event, { bucket, key, etag, versionId }: Told): Event {
  const { s3 } = event.Records[0]
  s3.bucket.name = bucket
  Object.assign(s3.object, { key: formEncoded(key), eTag: etag, ...(versionId === undefined ? {} : { versionId }) })
  return event
}

function bridgeEvent(event: Event, { bucket, key, etag, versionId }: Told): Event {
  event.detail.bucket.name = bucket
  Object.assign(event.detail.object, { key, etag, 'version-id': versionId })
  return event
}

function body(text: string, told: Told): string {
  const content = JSON.parse(text)
  if (content.Type !== 'Notification') return refilled(text, told)
  return JSON.stringify({ ...content, Message: refilled(content.Message, told) })
}

function refilled(text: string, told: Told): string {
  return JSON.stringify(notification(JSON.parse(text), told))
}

/** As S3 does it. */
function formEncoded(key: string): string {
  return encodeURIComponent(key).replaceAll('%20', '+')
}
