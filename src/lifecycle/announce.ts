import type { RunEvent } from '../context.ts'
import type { Attempt } from './attempt.ts'
import type { Decided } from './journal-record.ts'
import type { JsonObject } from './json.ts'
import type { NotificationResult } from './notifications/notification-result.ts'
import type { Notifier } from './notifications/notifier.ts'
import { notifyEnding } from './notifications/notify-ending.ts'
import type { OpenRun } from './open-run.ts'
import { recordEnding } from './run-ending.ts'
import type { Ending } from './settled-record.ts'

interface Announcement {
  readonly decided: Decided
  readonly ending: Ending
  readonly attempt: Attempt
}

export interface Listeners {
  readonly emit?: (event: RunEvent) => void
  /** Those of the job; recovery makes them anew from the journal. */
  readonly notifiers?: readonly Notifier[]
}

/**
 * Writes audit record and ledger entry, then notifies, then writes down what became of that. Returns the final report.
 * Notifications come behind the audit: what they tell of must be on record first.
 */
export async function announce(run: OpenRun, facts: Announcement, listeners: Listeners): Promise<JsonObject> {
  const { ending, attempt } = facts
  const report = await recordEnding(run, facts)
  if ((run.progress.begun?.notify ?? []).length === 0) return report
  const { notifiers, emit } = listeners
  let notifications: readonly NotificationResult[] = []
  await attempt('send the notifications', async () => {
    notifications = await notifyEnding(run, { status: ending.status, report, notifiers, emit })
  })
  return await recordEnding(run, { ...facts, ending: { ...ending, notifications } })
}
