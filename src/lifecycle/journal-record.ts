import type { ErrorCode } from '../errors.ts'
import type { S3Settings } from '../storage/s3/s3-settings.ts'
import type { PreparedOutput, TargetPlan } from '../storage/target.ts'
import type { JsonObject } from './json.ts'
import type { NotifierPlan } from './notifications/notifier.ts'

/**
 * The records of a journal, in the order in which a run writes them. A run is undecided until `decided`,
 * in which the whole future of the run lies; what follows only says how far that future has come.
 */
export type JournalRecord =
  | Begun
  | Planned
  | Staged
  | Decided
  | Outcome
  | { readonly type: 'aborted' }
  | { readonly type: 'letters-started'; readonly path: string; readonly from: number }
  /** To a queue: letters that are there, and the byte behind them in the sealed file. */
  | { readonly type: 'letters-sent'; readonly letters: number; readonly bytes: number }
  | { readonly type: 'letters-delivered'; readonly path: string; readonly letters: number }
  | Notified
  | { readonly type: 'audited'; readonly status: RunStatus }

export type RunStatus = 'committed' | 'invalid' | 'failed' | 'in_doubt'

/** Written when the run id is claimed. */
export interface Begun {
  readonly type: 'begun'
  readonly runId: string
  readonly job: string
  /** Of the job, its parameters and its inputs; null when the run failed before they were known. */
  readonly fingerprint: string | null
  /** ISO 8601. Also tells attempts of one run id apart. */
  readonly startedAt: string
  readonly process: { readonly pid: number; readonly host: string }
  /** Absolute path to which dead letters are appended, or an address; null when the job wants none. */
  readonly deadLetters: string | null
  /** Who is to be told of the end; nothing of it is secret. */
  readonly notify?: readonly NotifierPlan[]
  /** With which services of AWS letters and notifications are delivered, wherever that is done. */
  readonly aws?: S3Settings
  /** The audit record of a run that never gets to decide. */
  readonly audit: JsonObject
}

/** Durable before the target is opened: whatever lies beside a target, some journal knows of it. */
export interface Planned {
  readonly type: 'planned'
  readonly plan: TargetPlan
  /** Replaces that of `begun`. */
  readonly audit: JsonObject
}

/** Not flushed by itself: if a power cut loses it, `decided` is lost too. */
export interface Staged {
  readonly type: 'staged'
  readonly split: number
  /** Known to the engine only. */
  readonly ticket: unknown
}

/** The point of no return. `commit`: roll forward for ever. `reject` and `fail`: abort, but deliver and audit. */
export interface Decided {
  readonly type: 'decided'
  readonly verdict: 'commit' | 'reject' | 'fail'
  /** How many `staged` records of distinct splits the verdict is about. */
  readonly splits: number
  /** Null unless the verdict is `commit`. */
  readonly output: PreparedOutput | null
  readonly letters: SealedLetters | null
  readonly error: RunError | null
  /** Audit record and report, but for what only the outcome can tell: see `settledRecord`. */
  readonly audit: JsonObject
  readonly report: JsonObject
}

export interface RunError {
  readonly code: ErrorCode
  readonly message: string
}

/** Somebody was told of the end, or could not be told: that is final. A run in doubt may end a second time. */
export interface Notified {
  readonly type: 'notified'
  /** Its place in `notify`. */
  readonly notifier: number
  readonly ending: RunStatus
  readonly status: 'sent' | 'failed'
  readonly error?: string
}

/** A finished file of dead letters in the run's scratch directory, one JSON object a line. */
export interface SealedLetters {
  readonly path: string
  readonly letters: number
  readonly bytes: number
}

export interface Refused {
  readonly type: 'refused'
  readonly code: ErrorCode
  readonly reason: string
}

export type Outcome =
  | { readonly type: 'committed' }
  | Refused
  | { readonly type: 'unknowable'; readonly reason: string }
