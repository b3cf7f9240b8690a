import type { Logger } from '../context.ts'
import { sweepLeases } from './lease.ts'
import { prune } from './prune.ts'
import { recoverRun, unsettledRuns } from './recover-run.ts'
import type { RecoveredRun } from './settle-run.ts'
import type { StateDirectory } from './state-directory.ts'
import { recoverTarget } from './target-recovery.ts'

export interface Recovery {
  readonly runs: readonly RecoveredRun[]
  /** 0 when all runs that are not live are settled. */
  readonly exitCode: 0 | 5
}

/**
 * Finishes or undoes all interrupted runs of a state directory or, given a target, those on that target,
 * wherever their state lies. Leaves live runs alone. Safe to repeat and to run beside anything.
 */
export async function recover({
  state,
  target,
  log,
}: {
  state: StateDirectory
  target?: string
  log: Logger
}): Promise<Recovery> {
  const runs = target === undefined ? await recoverAll(state, log) : await recoverTarget(state, target, log)
  prune(state)
  return { runs, exitCode: runs.every((run) => run.settled || run.action === 'live') ? 0 : 5 }
}

async function recoverAll(state: StateDirectory, log: Logger): Promise<RecoveredRun[]> {
  const recovered: RecoveredRun[] = []
  const known = new Set([...unsettledRuns(state), ...((await state.remote?.unsettled()) ?? [])])
  for (const runId of known) {
    const run = await recoverRun(state, runId, log)
    if (run !== undefined) recovered.push(run)
  }
  sweepLeases(state)
  return recovered
}
