export type ExitCode = 2 | 3 | 4 | 5 | 130

/**
 * The one table of error codes: what each means and how the process exits when it ends a run.
 * Exit codes: 2 usage or configuration, 3 validation failed, 4 source, sink or runtime error,
 * 5 in doubt, 130 interrupted. `docs/errors.md` lists the same codes; a test proves them equal.
 */
const TABLE = {
  usage: { exitCode: 2, meaning: 'The command line or an option is wrong.' },
  'job-not-found': { exitCode: 2, meaning: 'The job file does not exist.' },
  'job-not-loadable': { exitCode: 2, meaning: 'The job file throws, does not parse or imports something missing.' },
  'job-invalid': { exitCode: 2, meaning: 'The job definition is incomplete or has a value of the wrong kind.' },
  'unknown-column': { exitCode: 2, meaning: 'A transform names a column that its input does not have.' },
  'config-invalid': { exitCode: 2, meaning: 'The configuration is missing, does not load or makes no sense.' },
  'environment-unavailable': { exitCode: 2, meaning: 'The environment is unknown, or lacks a package that it needs.' },
  'dataset-not-found': { exitCode: 2, meaning: 'The dataset has no location in this environment.' },
  'secret-unavailable': { exitCode: 2, meaning: 'A secret is not set, or what provides it failed.' },
  'run-id-conflict': { exitCode: 2, meaning: 'The run id is taken by a run of another job, parameters or input.' },
  'target-not-adoptable': {
    exitCode: 2,
    meaning: 'The target is a directory that Sluice did not write, or no regular file.',
  },
  'validation-failed': { exitCode: 3, meaning: 'Rows or a rule of the whole dataset failed; nothing was written.' },
  'missing-label': { exitCode: 3, meaning: 'The header lacks a column that the job needs.' },
  'extra-label': { exitCode: 3, meaning: 'The header has a column that a strict schema does not name.' },
  'duplicate-label': { exitCode: 3, meaning: 'Two columns of the header have the same name.' },
  'blank-label': { exitCode: 3, meaning: 'A column of the header has no name.' },
  'header-unreadable': { exitCode: 3, meaning: 'The header cannot be read as a record.' },
  'empty-source': { exitCode: 3, meaning: 'The source has no data rows and `allowEmpty` is not set.' },
  'source-not-found': { exitCode: 4, meaning: 'The source does not exist or cannot be opened.' },
  'source-failed': { exitCode: 4, meaning: 'Reading the source failed.' },
  'source-unauthorized': { exitCode: 4, meaning: 'The source or its token endpoint refused the credentials.' },
  'source-changed': { exitCode: 4, meaning: 'The source changed while it was read.' },
  'transform-failed': { exitCode: 4, meaning: 'A transform broke its contract.' },
  'rule-failed': { exitCode: 4, meaning: 'A rule threw instead of judging.' },
  'target-not-writable': { exitCode: 4, meaning: 'The target or its staging place cannot be written.' },
  'target-moved': { exitCode: 4, meaning: 'Somebody else changed the target since the run began.' },
  'target-locked': { exitCode: 4, meaning: 'Another run is committing to the target.' },
  'staged-lost': { exitCode: 4, meaning: 'The staged data vanished before the commit.' },
  'target-gone': { exitCode: 4, meaning: 'The reader of the output stream was gone before it had everything.' },
  'disk-full': { exitCode: 4, meaning: 'No space is left where the run writes.' },
  'not-conserved': { exitCode: 4, meaning: 'A stage lost or invented rows; nothing was committed.' },
  'dead-letters-undelivered': {
    exitCode: 5,
    meaning: 'The dead letters could not be delivered; run `sluice recover`.',
  },
  'run-live': { exitCode: 4, meaning: 'A live run holds the run id or the target.' },
  'run-lost': { exitCode: 4, meaning: 'Another process took the run over, for it showed no life.' },
  'journal-damaged': { exitCode: 5, meaning: 'The journal of a run has bytes that Sluice did not write.' },
  unfinished: { exitCode: 4, meaning: 'The job waits for something that never comes, or ended the process.' },
  internal: { exitCode: 4, meaning: 'A defect in Sluice or in user code.' },
  'in-doubt': { exitCode: 5, meaning: 'It is unknown whether the commit happened; run `sluice recover`.' },
  'deadline-exceeded': {
    exitCode: 130,
    meaning: 'The time of the function was almost over; the run was aborted and nothing was written.',
  },
  interrupted: { exitCode: 130, meaning: 'The run was interrupted; nothing was written.' },
} as const

export type ErrorCode = keyof typeof TABLE

export const ERRORS: Readonly<Record<ErrorCode, { exitCode: ExitCode; meaning: string }>> = TABLE

export interface ErrorDetails {
  /** Where and what: paths, lines, columns, rule ids. Never a secret, never a row value. */
  readonly context?: Readonly<Record<string, unknown>>
  /** True when the same call may succeed later without a change. */
  readonly retryable?: boolean
  readonly cause?: unknown
}

/** The only error class that Sluice throws on purpose. The message names the cause and the fix. */
export class SluiceError extends Error {
  override readonly name: string = 'SluiceError'
  readonly code: ErrorCode
  readonly context: Readonly<Record<string, unknown>>
  readonly retryable: boolean
  /** The report of the run that this error ended, when there was a run. */
  declare report?: unknown

  constructor(code: ErrorCode, message: string, { context = {}, retryable = false, cause }: ErrorDetails = {}) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.context = context
    this.retryable = retryable
  }

  get exitCode(): ExitCode {
    return ERRORS[this.code].exitCode
  }
}

/** Wraps what is not ours; keeps what is. ENOSPC and EDQUOT are always `disk-full`. */
export function asSluiceError(error: unknown, code: ErrorCode, what: string): SluiceError {
  if (error instanceof SluiceError) return error
  const system = error as NodeJS.ErrnoException
  const full = system?.code === 'ENOSPC' || system?.code === 'EDQUOT'
  const message = error instanceof Error ? error.message : String(error)
  return new SluiceError(full ? 'disk-full' : code, `${what}: ${message}`, {
    cause: error,
    context: system?.path === undefined ? {} : { path: system.path },
  })
}
