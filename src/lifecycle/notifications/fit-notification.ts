import type { JsonObject } from '../json.ts'
import type { Notification } from './notifier.ts'

/** The notification in so many bytes of JSON: samples go first, then rules, inputs and outputs, then long texts. */
export function fitNotification(notification: Notification, most: number): Notification {
  let fitting = notification
  for (const shorten of STEPS) {
    if (Buffer.byteLength(JSON.stringify(fitting)) <= most) return fitting
    fitting = { ...shorten(fitting), truncated: true }
  }
  return fitting
}

const STEPS: readonly ((notification: Notification) => Notification)[] = [
  (told) => ({ ...told, rules: (told['rules'] as readonly JsonObject[]).map(({ samples: _, ...rule }) => rule) }),
  (told) => ({ ...told, rules: [] }),
  (told) => ({ ...told, source: [] }),
  (told) => ({ ...told, outputs: [] }),
  (told) => ({ ...told, error: shortError(told['error'] as JsonObject | null), dead_letters: null }),
]

function shortError(error: JsonObject | null): JsonObject | null {
  return error === null ? null : { code: error['code'], message: String(error['message']).slice(0, 500).toWellFormed() }
}
