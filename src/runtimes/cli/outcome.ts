import type { SluiceError } from '../../errors.ts'
import type { RunReport } from '../../lifecycle/report.ts'
import { errorLine, writeError } from './failure.ts'
import { failureReport } from './failure-report.ts'
import type { RunSettings } from './flags.ts'
import { summary } from './summary.ts'
import { writeJson } from './write-json.ts'

/** How a command that runs a job ended. */
export interface Outcome {
  readonly report?: RunReport
  readonly error?: SluiceError
  /** Milliseconds. */
  readonly elapsed: number
  /** False when the report is that of an earlier run with the same id. */
  readonly began: boolean
  readonly dataOnStdout: boolean
  readonly settings: RunSettings
}

/**
 * stdout is the data, or the report in JSON, or else the summary for people. What finds no place there goes to stderr:
 * the report as its last line, the summary if stderr is a terminal.
 */
export function tellOutcome(outcome: Outcome): number {
  const { report, error, dataOnStdout, settings } = outcome
  const { json, verbose } = settings
  const { stdout, stderr } = process
  // Whoever closed the pipe, such as `head`, has seen enough.
  if (error?.code === 'target-gone' && !json && !verbose) return error.exitCode
  const free = dataOnStdout ? stderr : stdout
  if (error !== undefined && (report === undefined || verbose)) writeError(error, verbose)
  if (json) writeJson(free, report?.toJSON() ?? failureReport(error as SluiceError))
  else if (report !== undefined && (free === stdout || stderr.isTTY)) free.write(told(outcome, report, free))
  const unseen = stderr.isTTY && (json || !free.isTTY)
  if (error !== undefined && report !== undefined && !verbose && unseen) writeError(error, verbose)
  return error?.exitCode ?? 0
}

function told({ error, elapsed, began, settings }: Outcome, report: RunReport, stream: NodeJS.WriteStream): string {
  const earlier = error === undefined && !began
  return summary(report, {
    stream,
    ...(earlier ? {} : { elapsed }),
    ...(error === undefined ? {} : { error: errorLine(error, settings.verbose) }),
  })
}
