import { accessSync, constants, existsSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { SluiceError } from '../errors.ts'
import { assembleFile } from './assemble-file.ts'
import { crashPoint } from './crash-point.ts'
import { makeDirectories, syncDirectory } from './durable.ts'
import { fileIdentity, look } from './file-identity.ts'
import { resolveLocation } from './location.ts'
import { partName } from './part-name.ts'
import { stagingPath } from './sibling.ts'
import { FILE_MARKER, ownsMarker, writeMarker } from './staging-marker.ts'
import { switchFile } from './switch-file.ts'
import type { PlanOptions, Target, TargetPlan } from './target.ts'
import { writeError, writing } from './write-error.ts'

/**
 * One local file. Staged in a hidden directory beside it, so on the same file system, and switched by
 * `rename`. An existing file keeps its mode and, where allowed, its owner; a symbolic link keeps standing.
 */
export const localFileTarget: Target = {
  kind: 'local-file',
  plan: (location, run) => writing(location, () => plan(location, run)),
  open: (plan) => writing(dirname(plan.path), () => open(plan)),
  partPath: (plan, split, file) => join(plan.staging, partName(split, '', file)),
  assemble: (plan, parts) => writing(plan.staging, () => assembleFile(plan, parts)),
  commit: (output) => writing(output.plan.path, () => switchFile(output)),
  release: (plan) => writing(plan.staging, () => removeStaging(plan)),
  abort: (plan) => writing(plan.staging, () => removeStaging(plan)),
}

function plan(location: string, run: PlanOptions): TargetPlan {
  const path = resolveLocation(location)
  const stat = look(path)
  if (stat !== undefined && !stat.isFile()) {
    const what = stat.isDirectory() ? 'a directory; end the target with "/"' : 'no regular file; use "-" for stdout'
    throw new SluiceError('target-not-adoptable', `${location} is ${what}.`, { context: { path } })
  }
  // A rename would replace a read-only file without a question: the mode is the owner's word, so ask it.
  if (stat !== undefined) accessSync(path, constants.W_OK)
  return {
    kind: 'local-file',
    path,
    runId: run.runId,
    state: run.stateDirectory,
    staging: stagingPath(path, run.runId),
    base: fileIdentity(stat),
    extension: '',
  }
}

function open(plan: TargetPlan): TargetPlan {
  makeDirectories(dirname(plan.path))
  try {
    mkdirSync(plan.staging, { mode: 0o700 })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'EEXIST' ? alreadyStaged(plan) : writeError(error, plan.staging)
  }
  crashPoint('marker-writing')
  writeMarker(join(plan.staging, FILE_MARKER), plan)
  syncDirectory(dirname(plan.path))
  return plan
}

function removeStaging(plan: TargetPlan): void {
  if (!existsSync(plan.staging) || !ownsMarker(join(plan.staging, FILE_MARKER), plan)) return
  rmSync(plan.staging, { recursive: true, force: true })
  syncDirectory(dirname(plan.path))
}

function alreadyStaged(plan: TargetPlan): SluiceError {
  return new SluiceError(
    'run-id-conflict',
    `A run ${plan.runId} is staged at ${plan.path} already; settle it with \`sluice recover --target ${plan.path}\` or take another run id.`,
    { context: { path: plan.staging } },
  )
}
