import type { Environment, Logger, RunEvent } from '../context.ts'

export interface RunOptions {
  /** Default `SLUICE_ENV`, else what the configuration says, else `local`. */
  readonly environment?: Environment
  /** The configuration file; default `SLUICE_CONFIG`, else `sluice.config.ts` in the working directory, if there. */
  readonly config?: string
  readonly params?: Readonly<Record<string, string>>
  /**
   * Repeating a committed run of the same id, job, parameters and inputs gives the first report again. Functions count by
   * their `description`, else by their source text: what a closure holds cannot be seen. Input that cannot be compared,
   * such as stdin or `readRows`, is never the same.
   */
  readonly runId?: string
  /**
   * What tells this run from others of its id, in place of parameters, inputs and the code of the job: such as the event
   * that caused it and may be delivered again. Then a committed run is repeated by its first report even when the input is
   * gone, and a failed one may run again with a job that was put right.
   */
  readonly identity?: string
  /** The directory for journal, ledger, audit and dead letters; default `SLUICE_STATE`, else as configured, else `./.sluice`. */
  readonly state?: string
  /** Where rejected rows go, whatever the job says; default `SLUICE_DEAD_LETTERS`, else as the job says. */
  readonly deadLetters?: string
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
