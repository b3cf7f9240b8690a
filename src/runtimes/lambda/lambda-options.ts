import { aFunction, BOOLEAN, checkOptions, type OptionChecks, TEXT, wholeNumber } from '../../config/check-options.ts'
import type { RunOptions } from '../../lifecycle/run-options.ts'
import type { LambdaLogger } from './lambda-logger.ts'
import type { ObjectRecord } from './object-record.ts'

export interface LambdaOptions extends Pick<RunOptions, 'environment' | 'config' | 'deadLetters'> {
  /**
   * Where journal, ledger and audit lie; default as configured, else `.sluice/` in the bucket of the target. A directory
   * in `/tmp` is gone with the function: then a repeated delivery loads twice, and nobody finishes what a crash left.
   */
  readonly state?: string
  /** Params for the run of an object, besides or in place of `bucket`, `key` and `source`. */
  readonly params?: (record: ObjectRecord) => Readonly<Record<string, string>>
  /** So long before the function times out a run is aborted; default a tenth of its time, from 1 to 10 s. */
  readonly marginMs?: number
  /** Such as the `Logger` of Powertools; default JSON lines on stdout with the same keys. */
  readonly logger?: LambdaLogger
  /** False: no metrics on stdout. */
  readonly metrics?: boolean
}

/** Throws `job-invalid`. */
export function checkLambdaOptions(options: LambdaOptions): void {
  checkOptions('lambdaHandler', options, CHECKS)
}

const LEVELS = ['debug', 'info', 'warn', 'error']

const CHECKS: OptionChecks<LambdaOptions> = {
  environment: TEXT,
  config: TEXT,
  deadLetters: TEXT,
  state: TEXT,
  params: aFunction('a function of the record that returns params'),
  marginMs: wholeNumber(0),
  logger: {
    wanted: `a logger with ${LEVELS.join(', ')}`,
    accepts: (value) => {
      return LEVELS.every((level) => typeof (value as Record<string, unknown> | null)?.[level] === 'function')
    },
  },
  metrics: BOOLEAN,
}
