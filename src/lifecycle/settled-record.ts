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
  /** Of a run that has somebody to tell. */
  readonly notifications?: readonly NotificationResult[]
}

/**
 * Turns the draft of a report or audit record, written before the decision as if all would go well, into the
 * truth: nothing counts as loaded or as output unless the run committed.
 */
export function settledRecord(draft: JsonObject, ending: Ending): JsonObject {
  const { status, error, recovered, settledAt, lettersDelivered, deadLetters = {} } = ending
  const known = { ...draft, status, error: error ?? draft['error'] ?? null, recovered, settled_at: settledAt }
  const settled = ending.notifications === undefined ? known : { ...known, notifications: ending.notifications }
  const told =
    lettersDelivered === undefined
      ? settled
      : patch(settled, 'dead_letters', { ...deadLetters, delivered: lettersDelivered })
  if (status === 'committed') return told
  const unloaded = patch(told, 'rows', { loaded: 0 })
  return 'outputs' in unloaded ? { ...unloaded, outputs: [] } : unloaded
}

function patch(record: JsonObject, field: string, change: JsonObject): JsonObject {
  const value = record[field]
  return typeof value === 'object' && value !== null ? { ...record, [field]: { ...value, ...change } } : record
}
