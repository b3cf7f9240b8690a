import type { SluiceError } from './errors.ts'

/** Where a run works: `local` reads and writes local files, all others the data lake. The configuration may add some. */
export type Environment = 'local' | 'dev' | 'staging' | 'prod' | (string & Record<never, never>)

export type LogFields = Readonly<Record<string, unknown>>

/** Structured logging: fields first, then a message. Fields never hold row values or secrets. */
export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
}

/** Row counts of one stage: in + produced = out + filtered + rejected + consumed. */
export interface StageCounts {
  readonly stage: string
  readonly in: number
  readonly produced: number
  readonly out: number
  readonly filtered: number
  readonly rejected: number
  readonly consumed: number
}

/**
 * The story of a run, told once per step or batch and never per row. Log, audit trail, progress bar,
 * report and notifiers subscribe; components only emit.
 */
export type RunEvent =
  | {
      readonly type: 'RunPlanned'
      readonly splits: number
      readonly bytes: number | undefined
      readonly target: string
    }
  | { readonly type: 'BatchRead'; readonly split: number; readonly rows: number; readonly bytes: number }
  | {
      /** A request came to nothing and will be made again. */
      readonly type: 'ReadRetried'
      readonly split: number
      readonly attempt: number
      readonly waitMs: number
      readonly reason: string
    }
  | { readonly type: 'SplitStaged'; readonly split: number; readonly counts: readonly StageCounts[] }
  | { readonly type: 'RunJudged'; readonly verdict: 'commit' | 'reject'; readonly rejected: number }
  | { readonly type: 'RunDecided'; readonly verdict: 'commit' | 'reject' }
  | { readonly type: 'RunCommitted'; readonly target: string; readonly rows: number }
  | { readonly type: 'RunAborted'; readonly reason: string }
  | { readonly type: 'DeadLettersDelivered'; readonly path: string; readonly letters: number }
  | { readonly type: 'RunFailed'; readonly error: SluiceError }
  | {
      readonly type: 'RunNotified'
      readonly target: string
      readonly status: 'sent' | 'failed'
      readonly error?: string
    }
  | { readonly type: 'RunAudited'; readonly status: string }

/** All that a component may know of its run. Every field is fixed by the plan. */
export interface RunContext {
  readonly runId: string
  readonly job: string
  readonly environment: Environment
  readonly params: Readonly<Record<string, string>>
  readonly correlationId: string
  /** The one instant of the run, for `_processed_at`. */
  readonly processedAt: Date
  /** 32 random bytes that key this run's hashes, so that nobody can craft colliding rows. */
  readonly hashKey: Uint8Array
  /** Bytes that the run may hold for keys before it spills to disk. */
  readonly memoryBudget: number
  /** A directory of this run's own inside the state directory; it goes when the run is settled. */
  readonly scratch: string
  /** Aborted by the first failure, a timeout or a signal. Pass it to every wait. */
  readonly signal: AbortSignal
  readonly log: Logger
  emit(event: RunEvent): void
}
