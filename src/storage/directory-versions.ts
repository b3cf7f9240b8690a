import { existsSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { syncDirectory } from './durable.ts'
import { look } from './file-identity.ts'
import { lock } from './file-lock.ts'
import { currentVersion } from './location.ts'
import { removeTree } from './remove-tree.ts'
import { lockPath } from './sibling.ts'
import { ownsMarker, VERSION_MARKER } from './staging-marker.ts'
import type { TargetPlan } from './target.ts'

/**
 * Where a plain directory goes that a commit takes over. Whatever lies beside the versions has a `~` in its name, which
 * no run id has, so that no version can be taken for it.
 */
export function adoptedPath(staging: string, runId: string): string {
  return join(dirname(staging), `~adopted-${runId}`)
}

/** The new link before it is renamed over the old one. */
export function linkPath(staging: string): string {
  return `${staging}~link`
}

/** The marker of a version that another run replaced before its own run could journal the success. */
export function replacedMarker(staging: string): string {
  return `${staging}~replaced.json`
}

/** After the commit: the version is no staging any more, and all versions but the one before it may go. */
export async function releaseVersion(plan: TargetPlan): Promise<void> {
  const versions = dirname(plan.staging)
  if (!existsSync(versions)) return
  using _held = await lock(lockPath(plan.path))
  removeMarkers(plan)
  // Only the current version knows which one was before it; a later run has tidied up already.
  if (currentVersion(plan.path) === plan.runId) removeOldVersions(plan)
  syncDirectory(versions)
}

/** Takes the staged version away, and puts a directory back that was adopted for nothing. */
export async function abortVersion(plan: TargetPlan): Promise<void> {
  const versions = dirname(plan.staging)
  const marker = `${plan.staging}${VERSION_MARKER}`
  if (!existsSync(versions) || !ownsMarker(marker, plan)) return
  using _held = await lock(lockPath(plan.path))
  if (currentVersion(plan.path) === plan.runId) return
  putBack(plan)
  // Marker last: while it stands, nobody takes the staging for a published version.
  if (existsSync(marker)) removeTree(plan.staging)
  removeMarkers(plan)
  syncDirectory(versions)
  removeIfEmpty(versions)
  syncDirectory(dirname(plan.path))
}

function removeMarkers({ staging }: TargetPlan): void {
  for (const path of [linkPath(staging), replacedMarker(staging), `${staging}${VERSION_MARKER}`]) {
    rmSync(path, { force: true })
  }
}

function removeOldVersions({ staging, runId, base }: TargetPlan): void {
  const versions = dirname(staging)
  const kept = new Set([runId, base.replace(/^version:/, ''), basename(adoptedPath(staging, runId))])
  for (const entry of readdirSync(versions, { withFileTypes: true })) {
    const path = join(versions, entry.name)
    const staged = existsSync(`${path}${VERSION_MARKER}`)
    if (entry.isDirectory() && !staged && !kept.has(entry.name)) removeTree(path)
  }
}

function putBack({ path, staging, runId }: TargetPlan): void {
  const adopted = adoptedPath(staging, runId)
  if (look(path) === undefined && existsSync(adopted)) renameSync(adopted, path)
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error
  }
}
