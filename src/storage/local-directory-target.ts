import { accessSync, constants, existsSync, mkdirSync, readdirSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { SluiceError } from '../errors.ts'
import { assembleDirectory } from './assemble-directory.ts'
import { crashPoint } from './crash-point.ts'
import { abortVersion, releaseVersion } from './directory-versions.ts'
import { makeDirectories, syncDirectory } from './durable.ts'
import { look } from './file-identity.ts'
import { currentVersion, resolveLocation } from './location.ts'
import { partName } from './part-name.ts'
import { versionsPath } from './sibling.ts'
import { VERSION_MARKER, writeMarker } from './staging-marker.ts'
import { directoryIdentity, switchDirectory } from './switch-directory.ts'
import type { PlanOptions, Target, TargetPlan } from './target.ts'
import { writing } from './write-error.ts'

/**
 * A local directory of part files. `name` is a symbolic link to `.name.versions/<run-id>`, and the commit is
 * one atomic switch of that link. The version before stays until the next commit, so that a reader that
 * resolves the path once reads one whole version to its end.
 */
export const localDirectoryTarget: Target = {
  kind: 'local-directory',
  plan: (location, run) => writing(location, () => plan(location, run)),
  open: (plan) => writing(dirname(plan.path), () => open(plan)),
  partPath: (plan, split, file) => join(plan.staging, partName(split, plan.extension, file)),
  assemble: (plan, parts) => writing(plan.staging, () => assembleDirectory(plan, parts)),
  commit: (output) => writing(output.plan.path, () => switchDirectory(output)),
  release: (plan) => writing(plan.path, () => releaseVersion(plan)),
  abort: (plan) => writing(plan.staging, () => abortVersion(plan)),
}

function plan(location: string, run: PlanOptions): TargetPlan {
  const path = resolveLocation(location)
  refuseForeign(path, run.adopt ?? false)
  return {
    kind: 'local-directory',
    path,
    runId: run.runId,
    state: run.stateDirectory,
    staging: join(versionsPath(path), run.runId),
    base: directoryIdentity(path),
    extension: run.extension ?? '',
  }
}

/** Only a version link, nothing or an empty directory may be replaced without being asked to. */
function refuseForeign(path: string, adopt: boolean): void {
  const stat = look(path)
  if (stat === undefined || currentVersion(path) !== undefined) return
  const context = { path }
  if (!stat.isDirectory()) {
    throw new SluiceError('target-not-adoptable', `${path} is a file; leave out the "/" or choose another path.`, {
      context,
    })
  }
  const [first] = readdirSync(path)
  // Only who may write to a directory may move it.
  if (adopt) accessSync(path, constants.W_OK)
  if (first === undefined || adopt) return
  throw new SluiceError(
    'target-not-adoptable',
    `${path} holds files that Sluice did not write, such as ${first}: set \`adopt: true\` (or \`--adopt\`) to put them aside as the previous version, or choose another path.`,
    { context },
  )
}

function open(plan: TargetPlan): TargetPlan {
  const versions = dirname(plan.staging)
  const marker = `${plan.staging}${VERSION_MARKER}`
  if (existsSync(plan.staging) || existsSync(marker)) throw alreadyThere(plan)
  // Marker first: a version without one counts as published, and old published versions are removed.
  markWithin(versions, marker, plan)
  crashPoint('marker-writing')
  mkdirSync(plan.staging)
  syncDirectory(versions)
  return plan
}

/** The abort of another run may remove the empty `.name.versions` at the very moment: then make it once more. */
function markWithin(versions: string, marker: string, plan: TargetPlan): void {
  for (const again of [true, false]) {
    makeDirectories(versions)
    try {
      writeMarker(marker, plan)
      return
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'EEXIST') throw alreadyThere(plan)
      if (code !== 'ENOENT' || !again) throw error
    }
  }
}

function alreadyThere(plan: TargetPlan): SluiceError {
  const { runId, path, staging } = plan
  return new SluiceError(
    'run-id-conflict',
    `${basename(path)} has a version of a run ${runId} already; take another run id, or settle an interrupted run with \`sluice recover --target ${path}\`.`,
    { context: { path: staging } },
  )
}
