import { existsSync, readdirSync, renameSync, rmdirSync, rmSync, symlinkSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { crashPoint } from './crash-point.ts'
import { adoptedPath, linkPath, replacedMarker } from './directory-versions.ts'
import { syncDirectory } from './durable.ts'
import { look } from './file-identity.ts'
import { lock } from './file-lock.ts'
import { currentVersion, versionLink } from './location.ts'
import { lockPath } from './sibling.ts'
import { VERSION_MARKER } from './staging-marker.ts'
import type { CommitOutcome, PreparedOutput, TargetPlan } from './target.ts'

/** What a directory target is now: the version that its link names, or the plain directory in its place. */
export function directoryIdentity(path: string): string {
  const version = currentVersion(path)
  if (version !== undefined) return `version:${version}`
  const stat = look(path)
  if (stat === undefined) return 'absent'
  if (!stat.isDirectory()) return 'foreign'
  return `${readdirSync(path).length === 0 ? 'empty' : 'full'}:${stat.dev}:${stat.ino}`
}

/** The commit of a directory: under the target's lock, compare and switch the link. */
export async function switchDirectory(output: PreparedOutput): Promise<CommitOutcome> {
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

function compareAndSwitch(output: PreparedOutput): CommitOutcome {
  const { plan } = output
  if (currentVersion(plan.path) === plan.runId) return switched(plan)
  // The run that replaced this one bears witness that it had been published.
  if (existsSync(replacedMarker(plan.staging))) return { outcome: 'committed' }
  const missing = output.outputs.find((file) => !isStaged(plan, file))
  if (missing !== undefined) return lost(`${basename(missing.path)} is gone from ${plan.staging}`)
  if (!isBase(plan)) return moved(plan.path)
  bearWitness(plan)
  if (!clearTheWay(plan) || !pointAtVersion(plan)) return moved(plan.path)
  crashPoint('target-switched')
  return switched(plan)
}

function switched(plan: TargetPlan): CommitOutcome {
  syncDirectory(dirname(plan.path))
  return { outcome: 'committed' }
}

function isStaged(plan: TargetPlan, file: { path: string; bytes: number }): boolean {
  return look(join(plan.staging, basename(file.path)))?.size === BigInt(file.bytes)
}

/** Also true when a commit that crashed half-way has put the plain directory out of the way already. */
function isBase({ path, base, staging, runId }: TargetPlan): boolean {
  const now = directoryIdentity(path)
  if (now === base) return true
  if (now !== 'absent') return false
  return base.startsWith('empty:') || (base.startsWith('full:') && existsSync(adoptedPath(staging, runId)))
}

/** The version that we replace may belong to a run that crashed before it could journal its success. */
function bearWitness({ path, staging }: TargetPlan): void {
  const version = currentVersion(path)
  if (version === undefined) return
  const replaced = join(dirname(staging), version)
  if (!existsSync(`${replaced}${VERSION_MARKER}`)) return
  renameSync(`${replaced}${VERSION_MARKER}`, replacedMarker(replaced))
  // The switch must not survive a power cut that its witness does not.
  syncDirectory(dirname(staging))
}

/**
 * A link cannot be renamed over a directory, so for the first commit onto a plain one the name is absent
 * for an instant. False when the empty directory has got files in the meantime.
 */
function clearTheWay({ path, base, staging, runId }: TargetPlan): boolean {
  if (look(path) === undefined) return true
  if (base.startsWith('full:')) {
    renameSync(path, adoptedPath(staging, runId))
    syncDirectory(dirname(staging))
    syncDirectory(dirname(path))
    crashPoint('target-adopted')
  }
  if (base.startsWith('empty:')) {
    try {
      rmdirSync(path)
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOTEMPTY' || code === 'EEXIST') return false
      throw error
    }
    crashPoint('target-cleared')
  }
  return true
}

/** False when somebody took the name that was free. */
function pointAtVersion({ path, staging, runId }: TargetPlan): boolean {
  const link = versionLink(path, runId)
  if (look(path) === undefined) {
    try {
      symlinkSync(link, path)
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
      throw error
    }
  }
  rmSync(linkPath(staging), { force: true })
  symlinkSync(link, linkPath(staging))
  crashPoint('link-prepared')
  renameSync(linkPath(staging), path)
  return true
}

function lost(reason: string): CommitOutcome {
  return { outcome: 'refused', code: 'staged-lost', reason }
}

function moved(path: string): CommitOutcome {
  return { outcome: 'refused', code: 'target-moved', reason: `somebody else changed ${path} since the run began` }
}
