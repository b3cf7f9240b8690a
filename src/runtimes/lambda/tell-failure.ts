import type { LogFields } from '../../context.ts'
import { asSluiceError, type SluiceError } from '../../errors.ts'
import type { LambdaLogger } from './lambda-logger.ts'

/** Logs what went wrong. What passes by itself, such as a run that is at work elsewhere, is but a warning. */
export function tellFailure(cause: unknown, log: LambdaLogger, fields: LogFields = {}): SluiceError {
  const error = asSluiceError(cause, 'internal', 'Unexpected')
  log[error.code === 'run-live' ? 'warn' : 'error']('failed', { ...fields, code: error.code, error })
  return error
}
