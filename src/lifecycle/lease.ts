import { existsSync } from 'node:fs'
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

/** For those who only look. */
export function isLive(state: StateDirectory, runId: string): boolean {
  const path = state.lease(runId)
  if (!existsSync(dirname(path)) || !existsSync(path)) return false
  const lease = tryLock(path)
  lease?.release()
  return lease === undefined
}
