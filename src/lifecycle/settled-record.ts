import type { RunError, RunStatus } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import type { NotificationResult } from './notifications/notification-result.ts'

export interface Ending {
  readonly status: RunStatus
  readonly error: RunError | null
  readonly recovered: boolean
  /** Undefined when the run had no dead letters. */
  readonly lettersDelivered: boolean | undefined
  /** Of a run whose commit was refused: with the letter that says so. */
  readonly deadLetters?: { readonly path: string; readonly letters: number } | undefined
  readonly settledAt: string
  /** What remains for `recover` to do, although the outcome stands. */
  readonly unfinished?: readonly RunError[]
  /** What only the end can tell: `commit_ms` and `total_ms`. Recovery knows neither. */
  readonly timings?: JsonObject
  /** Of a run that has somebody to tell. */
  readonly notifications?: readonly NotificationResult[]
}

/**
 * Turns the draft of a report or audit record, written before the decision as if all would go well, into the
 * truth: nothing counts as loaded or as output unless the run committed.
 */
export function settledRecord(draft: JsonObject, ending: Ending): JsonObject {
  const { status, error, recovered, settledAt, lettersDelivered, deadLetters = {}, unfinished = [] } = ending
  const known = error ?? draft['error'] ?? null
  const settled = { ...draft, status, error: known, unfinished, recovered, settled_at: settledAt }
  const notified = ending.notifications === undefined ? settled : { ...settled, notifications: ending.notifications }
  const timed = patch(notified, 'timings', ending.timings ?? {})
  const told =
    lettersDelivered === undefined
      ? timed
      : patch(timed, 'dead_letters', { ...deadLetters, delivered: lettersDelivered })
  if (status === 'committed') return told
  const unloaded = patch(told, 'rows', { loaded: 0 })
  return 'outputs' in unloaded ? { ...unloaded, outputs: [] } : unloaded
}

function patch(record: JsonObject, field: string, change: JsonObject): JsonObject {
  const value = record[field]
  return typeof value === 'object' && value !== null ? { ...record, [field]: { ...value, ...change } } : record
}
