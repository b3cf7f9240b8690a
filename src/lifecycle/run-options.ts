import type { Environment, Logger, RunEvent } from '../context.ts'

export interface RunOptions {
  /** Default `local`. */
  readonly environment?: Environment
  readonly params?: Readonly<Record<string, string>>
  /**
   * Repeating a committed run of the same id, job, parameters and inputs gives the first report again. Functions count by
   * their `description`, else by their source text: what a closure holds cannot be seen. Input that cannot be compared,
   * such as stdin or `readRows`, is never the same.
   */
  readonly runId?: string
  /** The directory for journal, ledger, audit and dead letters; default `SLUICE_STATE`, else `./.sluice`. */
  readonly state?: string
  /** Ends the run with nothing written, unless it is decided already. A `SluiceError` as its reason is the run's error. */
  readonly signal?: AbortSignal
  /** Anything with pino's four methods; default silent. Every line gets the run's id, job and correlation id. */
  readonly log?: Logger
  /** Ties the run to what caused it; default the run id. */
  readonly correlationId?: string
  readonly onEvent?: (event: RunEvent) => void
  /** SHA-256 of the job's source text, where it has one. */
  readonly code?: string
  /** Stages and judges everything, commits nothing and leaves no trace; the report's status is `checked`. */
  readonly dryRun?: boolean
}
