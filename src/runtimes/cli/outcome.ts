import type { SluiceError } from '../../errors.ts'
import type { RunReport } from '../../lifecycle/report.ts'
import { writeError } from './failure.ts'
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
 * stdout is the data or, with --json, the report. stderr is for people: the summary, unless there is a report to read,
 * and whatever else is told the error in a line of its own. Where stdout is the data, the report is the last line of
 * stderr.
 */
export function tellOutcome(outcome: Outcome): number {
  const { report, error, dataOnStdout, settings } = outcome
  const { json, verbose } = settings
  const { stdout, stderr } = process
  // Whoever closed the pipe, such as `head`, has seen enough.
  if (error?.code === 'target-gone' && dataOnStdout && !json && !verbose) return error.exitCode
  if (report !== undefined && !json) stderr.write(told(outcome, report, stderr))
  if (error !== undefined) writeError(error, verbose)
  if (json) writeJson(dataOnStdout ? stderr : stdout, report?.toJSON() ?? failureReport(error as SluiceError))
  return error?.exitCode ?? 0
}

function told({ error, elapsed, began }: Outcome, report: RunReport, stream: NodeJS.WriteStream): string {
  const earlier = error === undefined && !began
  return summary(report, { stream, ...(earlier ? {} : { elapsed }) })
}
