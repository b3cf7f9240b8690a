import type { SluiceError } from '../../errors.ts'
import { isSink, type Job, type JobContext } from '../../lifecycle/job.ts'
import type { RunReport } from '../../lifecycle/report.ts'
import { type RunOptions, runJob } from '../../lifecycle/run.ts'
import { commandSettings } from './command-settings.ts'
import { earlyEndError, onEarlyEnd } from './early-end.ts'
import { toldError, writeError } from './failure.ts'
import type { RunSettings } from './flags.ts'
import { Interruption } from './interruption.ts'
import { startNarration } from './narration.ts'
import { type Outcome, tellOutcome } from './outcome.ts'

export interface ExecuteOptions extends RunSettings {
  readonly code?: string
}

/** Runs a job for people or programs: progress and log on stderr, then what became of it. Returns the exit code. */
export async function execute(job: Job, settings: ExecuteOptions): Promise<number> {
  const { params, runId, code, dryRun } = settings
  const {
    environment: { value: environment },
    file,
  } = await commandSettings(settings)
  const narration = await startNarration(job.name)
  using interruption = new Interruption()
  const watched = watchTarget(job)
  const started = performance.now()
  const facts = () => ({
    elapsed: performance.now() - started,
    began: narration.began,
    dataOnStdout: watched.stdout(),
    settings,
  })
  using _early = onEarlyEnd((why) => {
    narration.end()
    const error = earlyEndError(why, { runId, decided: interruption.decided })
    tellOutcome({ ...facts(), error, known: { runId, job: job.name, environment } })
    return error.exitCode
  })
  const ending = await ended(
    runJob(watched.job, {
      ...{ params, runId, dryRun, signal: interruption.signal, log: narration.log },
      ...given({
        environment,
        config: file,
        state: settings.state,
        deadLetters: settings.dlq,
        code,
      }),
      onEvent: (event) => {
        interruption.see(event)
        narration.see(event)
      },
    }),
  )
  narration.end()
  // A run that was decided commits all the same, but nobody should miss that something went wrong.
  if (interruption.crash !== undefined && ending.error === undefined) writeError(interruption.crash, settings.verbose)
  return tellOutcome({ ...facts(), ...ending })
}

/** The options that have a value. */
function given(options: { readonly [K in keyof RunOptions]: RunOptions[K] | undefined }): RunOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

async function ended(run: Promise<RunReport>): Promise<Pick<Outcome, 'report' | 'error'>> {
  try {
    return { report: await run }
  } catch (cause) {
    const error: SluiceError = toldError(cause)
    return error.report === undefined ? { error } : { error, report: error.report as RunReport }
  }
}

/** Learns whether stdout will be the data before a byte of it could be something else. */
function watchTarget(job: Job): { job: Job; stdout(): boolean } {
  let stdout = false
  const load = (context: JobContext) => {
    const sink = typeof job.load === 'function' ? job.load(context) : job.load
    stdout = isSink(sink) && sink.description['path'] === '-'
    return sink
  }
  return { job: { ...job, load }, stdout: () => stdout }
}
