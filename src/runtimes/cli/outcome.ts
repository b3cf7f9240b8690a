import { type ErrorCode, SluiceError } from '../../errors.ts'
import { emptyReport, type KnownOfRun } from '../../lifecycle/empty-report.ts'
import type { JsonObject } from '../../lifecycle/json.ts'
import type { RunReport } from '../../lifecycle/report.ts'
import { toldError, writeError } from './failure.ts'
import type { RunSettings } from './flags.ts'
import { jsonText } from './json-text.ts'
import { printJson } from './print.ts'
import { summary } from './summary.ts'

/** How a command that runs a job ended. */
export interface Outcome {
  readonly report?: RunReport
  readonly error?: SluiceError
  /** What to report of a run that has no report. */
  readonly known?: KnownOfRun
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
export async function tellOutcome(outcome: Outcome): Promise<number> {
  const { report, error, dataOnStdout, settings } = outcome
  const { verbose } = settings
  const { stderr } = process
  // Whoever closed the pipe, such as `head`, has seen enough.
  if (error?.code === 'target-gone' && dataOnStdout && !settings.json && !verbose) return error.exitCode
  if (report !== undefined && !settings.json) stderr.write(told(outcome, report, stderr))
  if (error !== undefined) writeError(error, verbose)
  const unfinished = error === undefined ? (report?.unfinished ?? []) : []
  for (const { code, message } of unfinished) writeError(unfinishedError(code, message), verbose)
  const json = report?.toJSON() ?? emptyReport(error as SluiceError, outcome.known)
  if (settings.json && dataOnStdout) stderr.write(jsonText(json, stderr))
  else if (settings.json) await printReport(json, settings)
  return error?.exitCode ?? (unfinished.length > 0 ? UNFINISHED : 0)
}

/** The commit stands, but `recover` has something left to do. */
const UNFINISHED = 5

function unfinishedError(code: string, message: string): SluiceError {
  return new SluiceError(
    code as ErrorCode,
    `The data is committed, but \`sluice recover\` has something left to do: ${message}`,
  )
}

/** A report that is lost changes nothing of what became of the run, and neither the exit code. */
async function printReport(json: JsonObject, { verbose, dryRun }: RunSettings): Promise<void> {
  try {
    await printJson(json)
  } catch (cause) {
    const { code, message } = toldError(cause)
    const hint = json['run_id'] === null || dryRun ? '' : ` \`sluice runs ${json['run_id']} --json\` shows it.`
    const text = `The run is ${json['status']}, but its report could not be written. ${message}${hint}`
    writeError(new SluiceError(code, text, { cause }), verbose)
  }
}

function told({ error, elapsed, began }: Outcome, report: RunReport, stream: NodeJS.WriteStream): string {
  const earlier = error === undefined && !began
  return summary(report, { stream, ...(earlier ? {} : { elapsed }) })
}
