import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type FileLock, tryLock } from '../storage/file-lock.ts'
import type { StateDirectory } from './state-directory.ts'

/**
 * What makes a run alive: a lock that the operating system drops when the process dies. Whoever holds it may
 * write the run's journal and finish or undo the run; nobody else may. Undefined when a live process holds it.
 */
export function takeLease(state: StateDirectory, runId: string): FileLock | undefined {
  return tryLock(state.lease(runId))
}

/** Removes lock files of processes that died between settling their run and letting go of it. */
export function sweepLeases(state: StateDirectory): void {
  for (const runId of listLeases(state)) if (!existsSync(state.run(runId))) takeLease(state, runId)?.release()
}

function listLeases(state: StateDirectory): string[] {
  try {
    return readdirSync(dirname(state.lease('any')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
