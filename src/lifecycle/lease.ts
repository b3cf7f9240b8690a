import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { type FileLock, tryLock } from '../storage/file-lock.ts'
import type { RemoteLease } from './remote-lease.ts'
import type { StateDirectory } from './state-directory.ts'

/**
 * What makes a run alive: a lock that the operating system drops when the process dies. Whoever holds it may
 * write the run's journal and finish or undo the run; nobody else may. Undefined when a live process holds it.
 */
export async function takeLease(state: StateDirectory, runId: string): Promise<Lease | undefined> {
  const lock = tryLock(state.lease(runId))
  if (lock === undefined || state.remote === undefined) return lock
  try {
    const lease = await state.remote.claim(runId)
    if (lease !== undefined) return both(lock, lease)
    lock.release()
    return undefined
  } catch (error) {
    lock.release()
    throw error
  }
}

export interface Lease {
  /** Idempotent. */
  release(): void | Promise<void>
}

/** On S3 as well: the lock keeps other processes of this machine from the copy. */
function both(lock: FileLock, lease: RemoteLease): Lease {
  let released: Promise<void> | undefined
  return {
    release: () => {
      released ??= lease.release().finally(() => lock.release())
      return released
    },
  }
}

/** Removes lock files of processes that died between settling their run and letting go of it. */
export function sweepLeases(state: StateDirectory): void {
  for (const runId of listLeases(state)) if (!existsSync(state.run(runId))) tryLock(state.lease(runId))?.release()
}

function listLeases(state: StateDirectory): string[] {
  try {
    return readdirSync(dirname(state.lease('any')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}
