import { SluiceError } from '../../../errors.ts'
import { findRun, type KnownRun, listRuns } from '../../../lifecycle/known-runs.ts'
import { runReport } from '../../../lifecycle/report.ts'
import { type StateDirectory, viewState } from '../../../lifecycle/state-directory.ts'
import { withS3 } from '../../../storage/s3/s3-settings.ts'
import { commandSettings, type SettingFlags } from '../command-settings.ts'
import { count } from '../format.ts'
import { print, printJson } from '../print.ts'
import { summary } from '../summary.ts'
import { table } from '../table.ts'

interface RunsFlags extends SettingFlags {
  readonly json?: boolean
}

/** `sluice runs [run-id]` */
export async function runs(runId: string | undefined, { json = false, ...flags }: RunsFlags): Promise<number> {
  const settings = await commandSettings(flags)
  return await withS3(settings, async () => {
    const state = await viewState(settings)
    return runId === undefined ? list(state, json) : show(state, runId, json)
  })
}

async function list(state: StateDirectory, json: boolean): Promise<number> {
  const known = await listRuns(state)
  if (json) await printJson(known.map(asJson))
  else await print(known.length === 0 ? `No runs in ${state.address}.\n` : `${listed(known).join('\n')}\n`)
  return 0
}

async function show(state: StateDirectory, runId: string, json: boolean): Promise<number> {
  const run = await findRun(state, runId)
  if (run === undefined) {
    throw new SluiceError(
      'usage',
      `There is no run ${runId} in ${state.address}; \`sluice runs\` lists those that are.`,
    )
  }
  if (run.report === undefined) {
    if (json) await printJson(asJson(run))
    else await print(`${listed([run]).join('\n')}\n`)
    return 0
  }
  const report = runReport(run.report)
  if (json) await printJson(run.report)
  else await print(pastSummary(report))
  return 0
}

function pastSummary(report: ReturnType<typeof runReport>): string {
  const { error } = report
  return summary(report, { stream: process.stdout, ...(error === null ? {} : { error: error.message }) })
}

function listed(known: readonly KnownRun[]): readonly string[] {
  const rows = known.map(({ runId, job = '', status, startedAt = '', report }) => {
    const loaded = report === undefined ? '' : count((report['rows'] as { loaded?: number } | undefined)?.loaded ?? 0)
    return [runId, job, status, startedAt, loaded]
  })
  return table([['RUN', 'JOB', 'STATUS', 'STARTED', 'LOADED'], ...rows])
}

function asJson({ runId, job, status, startedAt }: KnownRun): object {
  return { run_id: runId, job, status, started_at: startedAt }
}
