import { rmSync } from 'node:fs'
import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { decide } from './decide.ts'
import { emptyReport } from './empty-report.ts'
import { finish } from './finish.ts'
import type { RunStatus } from './journal-record.ts'
import { withFields } from './logger.ts'
import type { OpenRun } from './open-run.ts'
import { settleFiles } from './settle-files.ts'

/** What recovery did with one run. */
export interface RecoveredRun {
  readonly runId: string
  /** The state directory that holds the run. */
  readonly state: string
  readonly job?: string
  readonly startedAt?: string
  /** `in-doubt`: the outcome is unknown, now or for ever. `unsettled`: known, but something remains to do. */
  readonly action: 'finished' | 'undone' | 'live' | 'in-doubt' | 'unsettled'
  readonly status?: RunStatus
  /** True when nothing remains to be done, even if nobody can know what happened. */
  readonly settled: boolean
  /** For people, whenever more is to be said. */
  readonly reason?: string
}

/**
 * Brings a run, which no live process owns any more, to its end: a decided one is finished, any other is
 * undone. Throws `in-doubt` when a later call may know more.
 */
export async function settleRun(run: OpenRun, log: Logger): Promise<RecoveredRun> {
  const { begun, decided, audited } = run.progress
  const names = { runId: run.runId, state: run.state.address }
  if (begun === undefined) {
    // Nothing but a lease was taken: not even a name is worth keeping.
    rmSync(run.state.run(run.runId), { recursive: true, force: true })
    await run.state.remote?.settle(run.runId, run.journal.path)
    return { ...names, action: 'undone', settled: true }
  }
  const known = { ...names, job: begun.job, startedAt: begun.startedAt }
  if (audited !== undefined) {
    await settleFiles(run)
    return { ...known, action: 'finished', status: audited, settled: true }
  }
  if (decided === undefined) await decideToUndo(run)
  const fields = { run_id: run.runId, job: begun.job, correlation_id: begun.audit['correlation_id'] }
  const { status, error, unfinished } = await finish(run, { log: withFields(log, fields), recovered: true })
  const reason = unfinished[0]?.message ?? error?.message
  const told = { ...known, status, settled: unfinished.length === 0, ...(reason === undefined ? {} : { reason }) }
  if (unfinished.length > 0) return { ...told, action: 'unsettled' }
  if (status === 'in_doubt') return { ...told, action: 'in-doubt' }
  return { ...told, action: decided === undefined ? 'undone' : 'finished' }
}

/** An undecided run is presumed to fail. From here on it is a decided run like any other. */
async function decideToUndo(run: OpenRun): Promise<void> {
  const { begun, planned } = run.progress
  const error = new SluiceError('interrupted', 'The process ended before the run was decided; nothing was written.')
  const { code, message } = error
  const audit = planned?.audit ?? begun!.audit
  const { job, startedAt } = begun!
  const { environment, inputs: source } = audit
  const report = emptyReport(error, { runId: run.runId, job, environment, source, startedAt })
  await decide(run, { verdict: 'fail', output: null, letters: null, error: { code, message }, audit, report })
}
