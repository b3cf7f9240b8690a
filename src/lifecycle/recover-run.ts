import { existsSync, readdirSync } from 'node:fs'
import { hostname } from 'node:os'
import type { Logger } from '../context.ts'
import { SluiceError } from '../errors.ts'
import { readJournal } from './journal.ts'
import type { Begun } from './journal-record.ts'
import { type Lease, takeLease } from './lease.ts'
import { openRun } from './open-run.ts'
import { progressOf } from './run-progress.ts'
import { type RecoveredRun, settleRun } from './settle-run.ts'
import type { StateDirectory } from './state-directory.ts'

/** The ids of runs that are live or interrupted. */
export function unsettledRuns(state: StateDirectory): string[] {
  try {
    return readdirSync(state.runs).sort()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

/** Recovers one run. Never throws; undefined when somebody else settled it in the meantime. */
export async function recoverRun(state: StateDirectory, runId: string, log: Logger): Promise<RecoveredRun | undefined> {
  try {
    const lease = await takeLease(state, runId)
    return lease === undefined ? liveRun(state, runId) : await recoverDead(state, runId, { lease, log })
  } catch (error) {
    const action = error instanceof SluiceError && error.code === 'in-doubt' ? 'in-doubt' : 'unsettled'
    return { runId, state: state.address, action, settled: false, reason: (error as Error).message }
  }
}

async function recoverDead(
  state: StateDirectory,
  runId: string,
  { lease, log }: { lease: Lease; log: Logger },
): Promise<RecoveredRun | undefined> {
  if (!existsSync(state.run(runId))) {
    await lease.release()
    return undefined
  }
  await using run = await openRun(state, runId, lease)
  return await settleRun(run, log)
}

function liveRun(state: StateDirectory, runId: string): RecoveredRun {
  const { begun } = progressOf(readJournal(state.journal(runId)))
  const names = { runId, state: state.address, action: 'live', settled: false } as const
  if (begun === undefined) return names
  return { ...names, job: begun.job, startedAt: begun.startedAt, reason: whoIsAtWork(begun.process) }
}

/** The process that began the run, unless it is dead: then another one has taken the run over. */
function whoIsAtWork({ pid, host }: Begun['process']): string {
  if (host !== hostname() || isAlive(pid)) return `process ${pid} on ${host} is at work`
  return `process ${pid} is dead, and another process is settling the run`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
