import { createHash } from 'node:crypto'
import { basename } from 'node:path'
import type { ObjectRecord } from './object-record.ts'

/**
 * The same for each delivery of the same object: its version or, without versions, its content. Readable for people:
 * `customer-import.customers.csv.` and what tells it from others.
 */
export function objectRunId(job: string, { bucket, key, versionId, etag }: ObjectRecord): string {
  return runId(job, basename(key), [bucket, key, versionId ?? etag ?? ''])
}

/** The same for each delivery of the same event. */
export function eventRunId(job: string, eventId: string): string {
  return runId(job, 'event', [eventId])
}

function runId(job: string, name: string, identity: readonly string[]): string {
  // Wide enough to be believed: a run that is taken for another one would be a run that is missing.
  const digest = createHash('sha256')
    .update(JSON.stringify([job, ...identity]))
    .digest('hex')
    .slice(0, 24)
  return `${job.slice(0, 36)}.${plain(name)}.${digest}`
}

/** With no letter that a run id cannot have, and not too long for one. */
function plain(name: string): string {
  return name.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 36)
}
