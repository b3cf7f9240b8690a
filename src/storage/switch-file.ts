import { existsSync, linkSync, renameSync, unlinkSync } from 'node:fs'
import { dirname } from 'node:path'
import { crashPoint } from './crash-point.ts'
import { syncDirectory } from './durable.ts'
import { contentIdentity, fileIdentity, look } from './file-identity.ts'
import { lock } from './file-lock.ts'
import { lockPath } from './sibling.ts'
import type { CommitOutcome, PreparedOutput } from './target.ts'

/**
 * The commit of a file: under the target's lock, compare and rename. Runs of Sluice exclude each other by the
 * lock; a foreign writer could still slip in between the comparison and the rename, for microseconds, when the
 * target existed before. Onto an absent target not even that: `link` refuses an existing name.
 */
export async function switchFile(output: PreparedOutput): Promise<CommitOutcome> {
  const { path } = output.plan
  if (!existsSync(dirname(path))) return lost(`the directory ${dirname(path)} is gone`)
  const held = await lock(lockPath(path))
  try {
    crashPoint('target-locked')
    return compareAndSwitch(output)
  } finally {
    held.release()
    crashPoint('target-unlocked')
  }
}

function compareAndSwitch({ plan, staged, identity }: PreparedOutput): CommitOutcome {
  const { path } = plan
  const now = look(path)
  if (now !== undefined && contentIdentity(now) === identity) return switched(path)
  const waiting = look(staged)
  if (waiting === undefined) return vanished(plan.staging)
  if (contentIdentity(waiting) !== identity) return lost(`somebody changed the staged file ${staged}`)
  if (fileIdentity(now) !== plan.base) return moved(path)
  if (now !== undefined) renameSync(staged, path)
  else if (!linkOnto(staged, path)) return moved(path)
  crashPoint('target-switched')
  return switched(path)
}

function switched(path: string): CommitOutcome {
  syncDirectory(dirname(path))
  return { outcome: 'committed' }
}

/** Renames without ever replacing. False when the name is taken after all. */
function linkOnto(staged: string, path: string): boolean {
  try {
    linkSync(staged, path)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return false
    // File systems without hard links, such as exFAT, say so in several ways.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'EOPNOTSUPP' && code !== 'ENOSYS') throw error
    renameSync(staged, path)
    return true
  }
  unlinkSync(staged)
  return true
}

/**
 * Our rename is what takes the staged file out of its directory, which stays until the outcome is journaled.
 * So the run most likely did commit and somebody replaced its output since; but a hand may have taken the file.
 */
function vanished(staging: string): CommitOutcome {
  if (!existsSync(staging)) return lost(`the staging directory ${staging} is gone`)
  return {
    outcome: 'unknowable',
    reason: `the staged file left ${staging}, as a commit does, but the target holds something else now`,
  }
}

function lost(reason: string): CommitOutcome {
  return { outcome: 'refused', code: 'staged-lost', reason }
}

function moved(path: string): CommitOutcome {
  return { outcome: 'refused', code: 'target-moved', reason: `somebody else changed ${path} since the run began` }
}
