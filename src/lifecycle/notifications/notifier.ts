import type { JsonObject } from '../json.ts'

/** What a notification says: a subset of the report, versioned, with a short text for people. */
export interface Notification extends JsonObject {
  readonly schema_version: '1.0'
  readonly type: 'sluice.run'
  /** For people, in one line. */
  readonly text: string
  readonly run_id: string
  readonly job: string
  readonly environment: string
  /** Of the run, as in the report. */
  readonly status: string
  /** True when something was left out to keep within the limits. */
  readonly truncated: boolean
}

export interface Delivery {
  readonly notification: Notification
  /** The same for every repetition of this very notification. */
  readonly key: string
}

/** Somebody who is told how a run ended. Made by `sns(…)` and `webhook(…)`. */
export interface Notifier {
  /** Who it is, for report, audit and log. Never a secret. */
  readonly target: string
  readonly on: NotifyOn
  /** Of a rule, the most rows that are shown. */
  readonly samples: number
  /** The most bytes of the notification as JSON. */
  readonly mostBytes: number
  /** What the journal keeps, so that `recover` can make the notifier anew. Nothing of it is secret. */
  readonly plan: NotifierPlan
  /** Sends it, with a bounded number of attempts in a bounded time. May be repeated. */
  send(delivery: Delivery): Promise<void>
}

/** `failure` is every ending but `committed`. */
export type NotifyOn = 'always' | 'failure' | 'success'

export interface NotifyOptions {
  /** Which endings; default `always`. */
  readonly on?: NotifyOn
  /** Of a failed rule, the most rows that are shown; 0 for none, default 3. */
  readonly samples?: number
  /** How long one attempt may take; default 5,000. There are up to three. */
  readonly timeoutMs?: number
}

export interface NotifierPlan extends JsonObject {
  readonly kind: 'sns' | 'webhook'
  readonly on: NotifyOn
  readonly samples: number
  readonly timeoutMs: number
}

export const NOTIFY_DEFAULTS = { on: 'always', samples: 3, timeoutMs: 5_000 } as const
export const ATTEMPTS = 3
