import { asSluiceError, SluiceError } from '../errors.ts'
import type { OpenRun } from './open-run.ts'
import type { RunReport } from './report.ts'

/** What ends a run that is not decided yet, whatever the abort of its signal made fail on its way. */
export function asRunError(cause: unknown, signal: AbortSignal): SluiceError {
  const known = cause instanceof SluiceError ? cause : undefined
  if (known?.report !== undefined || known?.code === 'in-doubt') return known
  if (signal.aborted) {
    if (signal.reason instanceof SluiceError) return signal.reason
    return new SluiceError('interrupted', 'The run was interrupted. Nothing was written.', { cause })
  }
  return known ?? asSluiceError(cause, 'internal', 'The run failed')
}

/** That the source is another one explains what failed on the way; that nobody could look at it does not. */
export function rootCause(failure: unknown, found: unknown): unknown {
  const explains = found instanceof SluiceError && ['source-changed', 'source-not-found'].includes(found.code)
  return explains && (failure as SluiceError)?.code !== 'in-doubt' ? found : failure
}

/** A run that is decided goes on in `recover`, whatever happened to this process. */
export function inDoubt({ runId }: OpenRun, cause: unknown): SluiceError {
  // Of a lost run the decision reached nobody else: whoever took it over undoes it.
  const known = cause instanceof SluiceError ? cause : undefined
  if (known?.report !== undefined || known?.code === 'in-doubt' || known?.code === 'run-lost') return known
  const message = `Run ${runId} was decided, and then failed: ${(cause as Error)?.message}. Run \`sluice recover\`.`
  return new SluiceError('in-doubt', message, { cause })
}

export function withReport(error: SluiceError, report: RunReport): SluiceError {
  error.report = report
  return error
}
