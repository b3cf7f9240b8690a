import { createHash } from 'node:crypto'
import type { RunEvent } from '../../context.ts'
import { crashPoint } from '../../storage/crash-point.ts'
import { withSettings } from '../../storage/s3/s3-settings.ts'
import type { Notified, RunStatus } from '../journal-record.ts'
import type { JsonObject } from '../json.ts'
import type { OpenRun } from '../open-run.ts'
import { fitNotification } from './fit-notification.ts'
import { notificationOf } from './notification.ts'
import type { NotificationResult } from './notification-result.ts'
import type { Delivery, Notifier, NotifierPlan } from './notifier.ts'
import { notifierOfPlan } from './notifiers.ts'

export interface NotifyWish {
  readonly status: RunStatus
  readonly report: JsonObject
  /** Those of the job; recovery makes them anew from the journal. */
  readonly notifiers?: readonly Notifier[] | undefined
  readonly emit?: ((event: RunEvent) => void) | undefined
}

/**
 * Tells everybody who wants to know of this ending, all at the same time. At least once: who was told before a crash and
 * is not in the journal is told again, with the same key. A failure is a result, and final: nothing depends on it.
 */
export async function notifyEnding(run: OpenRun, wish: NotifyWish): Promise<readonly NotificationResult[]> {
  const { begun, notified } = run.progress
  const plans = begun?.notify ?? []
  const tellOne = async (plan: NotifierPlan, index: number) => {
    const notifier = wish.notifiers?.[index] ?? notifierOfPlan(plan)
    if (!wants(notifier, wish.status)) return undefined
    const known = notified.find(({ notifier: number, ending }) => number === index && ending === wish.status)
    const { status, error } = known ?? (await tell(run, { notifier, index }, wish))
    return { target: notifier.target, status, ...(error === undefined ? {} : { error }) }
  }
  const told = await withSettings(begun?.aws, () => Promise.all(plans.map(tellOne)))
  return told.filter((result) => result !== undefined)
}

function wants({ on }: Notifier, status: RunStatus): boolean {
  return on === 'always' || (on === 'success') === (status === 'committed')
}

async function tell(
  run: OpenRun,
  { notifier, index }: { readonly notifier: Notifier; readonly index: number },
  wish: NotifyWish,
): Promise<Notified> {
  const result = await send(notifier, deliveryOf(run, notifier, wish))
  crashPoint('notification-sent')
  const record: Notified = { type: 'notified', notifier: index, ending: wish.status, ...result }
  run.append(record)
  await run.publish()
  crashPoint('notification-journaled')
  wish.emit?.({ type: 'RunNotified', target: notifier.target, ...result })
  return record
}

async function send(notifier: Notifier, delivery: Delivery): Promise<Pick<Notified, 'status' | 'error'>> {
  try {
    await notifier.send(delivery)
    return { status: 'sent' }
  } catch (error) {
    return { status: 'failed', error: (error as Error)?.message ?? String(error) }
  }
}

function deliveryOf({ runId, progress }: OpenRun, notifier: Notifier, { report, status }: NotifyWish): Delivery {
  const { startedAt = '', audit = {} } = progress.begun ?? {}
  const environment = String(report['environment'] ?? audit['environment'] ?? 'local')
  const told = notificationOf({ report, status, environment }, notifier.samples)
  const key = createHash('sha256')
    .update(JSON.stringify([runId, startedAt, status]))
    .digest('hex')
  return { notification: fitNotification(told, notifier.mostBytes), key }
}
