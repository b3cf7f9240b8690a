import { asSluiceError, type SluiceError } from '../../errors.ts'
import { emptyReport } from '../../lifecycle/empty-report.ts'
import { inOneLine } from './format.ts'
import { paint } from './paint.ts'
import { placeIn } from './place.ts'
import { printJson } from './print.ts'

export interface FailureFlags {
  readonly json?: boolean | undefined
  readonly verbose?: boolean | undefined
}

/** Tells of a command that failed before, or without, a run. Returns the exit code. */
export function failed(cause: unknown, { json = false, verbose = false }: FailureFlags): number {
  const error = toldError(cause)
  if (json) printJson(emptyReport(error)).catch((lost) => writeError(lost, verbose))
  writeError(error, verbose)
  return error.exitCode
}

/** Whatever was thrown, as the error that people and the exit code are told. */
export function toldError(cause: unknown): SluiceError {
  return asSluiceError(cause, 'internal', 'Unexpected')
}

/** One line on stderr; with `verbose` also the stack and its causes. */
export function writeError(error: SluiceError, verbose: boolean): void {
  process.stderr.write(`${paint('red', 'error', process.stderr)}: ${errorLine(error, verbose)}\n`)
  if (verbose) process.stderr.write(`${stacks(error).join('\n')}\n`)
}

/** What went wrong, where, and what to do, in one line. */
function errorLine(error: SluiceError, verbose: boolean): string {
  const place = error.cause instanceof Error ? placeIn(error.cause) : undefined
  const known = place === undefined || error.message.includes(place)
  const message = inOneLine(known ? error.message : `${place}: ${error.message}`)
  if (error.code !== 'internal' || verbose) return message
  return `${message} (a defect in Sluice or in the job; --verbose shows where)`
}

function stacks(error: unknown): string[] {
  const lines: string[] = []
  for (let at: unknown = error; at !== undefined && lines.length < 10; at = (at as { cause?: unknown }).cause) {
    const text = at instanceof Error ? (at.stack ?? at.message) : String(at)
    lines.push(lines.length === 0 ? text : `caused by: ${text}`)
    if (!(at instanceof Error)) break
  }
  return lines
}
