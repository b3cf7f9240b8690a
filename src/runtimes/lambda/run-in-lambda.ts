import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { resolveSettings, type Settings } from '../../config/settings.ts'
import type { RunReport } from '../../lifecycle/report.ts'
import { runJob } from '../../lifecycle/run.ts'
import { locateState } from '../../lifecycle/state-directory.ts'
import type { Invocation } from './invocation.ts'
import { runLogger } from './lambda-logger.ts'
import { lambdaState, targetOf } from './lambda-state.ts'
import { writeMetrics } from './run-metrics.ts'
import { tellFailure } from './tell-failure.ts'

export interface WishedRun {
  readonly params: Readonly<Record<string, string>>
  readonly runId: string
  readonly identity?: string
  readonly correlationId: string
}

export interface LambdaRun {
  readonly report: RunReport
  /** The run had committed before: nothing was done now. */
  readonly repeated: boolean
}

/** Runs the job; logs and measures what becomes of it. Throws what `runJob` throws. */
export async function runInLambda(wish: WishedRun, invocation: Invocation): Promise<LambdaRun> {
  const started = performance.now()
  let environment = 'unknown'
  try {
    const settings = await resolveSettings(invocation.options)
    environment = settings.environment.value
    const run = await runOnce(wish, settings, invocation)
    if (run.repeated) repeat(wish, invocation)
    else measure(wish, invocation, { environment, started, committed: true, report: run.report })
    tellUnfinished(wish, run.report, invocation)
    return run
  } catch (cause) {
    const fields = { run_id: wish.runId, job: invocation.job.name, correlation_id: wish.correlationId }
    const error = tellFailure(cause, invocation.log, fields)
    const report = error.report as RunReport | undefined
    measure(wish, invocation, { environment, started, committed: false, report })
    throw error
  }
}

async function runOnce(wish: WishedRun, settings: Settings, invocation: Invocation): Promise<LambdaRun> {
  const { job, options, log, signal } = invocation
  const { environment, config, deadLetters } = options
  const state = lambdaState(job, settings, () => targetOf(job, settings, wish))
  let began = false
  try {
    const report = await runJob(job, {
      ...wish,
      ...(environment === undefined ? {} : { environment }),
      ...(config === undefined ? {} : { config }),
      ...(deadLetters === undefined ? {} : { deadLetters }),
      ...{ state, signal, log: runLogger(log) },
      onEvent: ({ type }) => {
        if (type === 'RunPlanned') began = true
      },
    })
    return { report, repeated: !began }
  } finally {
    forgetCopy(state, wish.runId, settings)
  }
}

/** The commit stands, but not all is done. */
function tellUnfinished(
  { runId, correlationId }: WishedRun,
  { unfinished }: RunReport,
  { job, log }: Invocation,
): void {
  for (const { code, message } of unfinished) {
    const fields = { run_id: runId, job: job.name, correlation_id: correlationId, code, err: message }
    log.error('committed, with something left to do', fields)
  }
}

function repeat({ runId, correlationId }: WishedRun, { job, log }: Invocation): void {
  log.info('committed before', { run_id: runId, job: job.name, correlation_id: correlationId })
}

function measure(
  { runId }: WishedRun,
  { job, options, service, context }: Invocation,
  run: { environment: string; started: number; committed: boolean; report: RunReport | undefined },
): void {
  if (options.metrics === false) return
  const { environment, started, committed, report } = run
  const milliseconds = performance.now() - started
  const requestId = context.awsRequestId
  writeMetrics({ service, job: job.name, environment, runId, requestId, milliseconds, committed, report })
}

/** All is on S3. A function that lives for hours must not fill its disk with what is settled. */
function forgetCopy(state: string, runId: string, { audit }: Settings): void {
  const place = locateState({ state: { value: state, from: 'flag', name: 'state' }, audit })
  if (place.remote === undefined) return
  const { path } = place
  for (const name of [`settled/${runId}`, `ledger/${runId}.json`, `audit/${runId}.json`]) {
    rmSync(join(path, name), { recursive: true, force: true })
  }
}
