import { look } from './file-identity.ts'
import { localDirectoryTarget } from './local-directory-target.ts'
import { localFileTarget } from './local-file-target.ts'
import { currentVersion, resolveLocation } from './location.ts'
import { standardOutput } from './standard-output.ts'
import { streamTarget } from './stream-target.ts'
import type { Target, TargetKind } from './target.ts'

const TARGETS: Readonly<Record<TargetKind, Target>> = {
  'local-file': localFileTarget,
  'local-directory': localDirectoryTarget,
  stream: streamTarget(),
}

/** The target that can finish or undo a journaled plan. Streams died with their process. */
export function targetOfKind(kind: TargetKind): Target {
  return TARGETS[kind]
}

/**
 * What a location means: `-` is stdout, a final slash or an existing directory is a directory, the rest is a file.
 * So is a path that cannot be followed: its plan will say so, in a run that leaves an audit record.
 */
export function targetAt(location: string): Target {
  if (location === '-') return streamTarget(standardOutput())
  if (location.endsWith('/')) return localDirectoryTarget
  return isDirectory(location) ? localDirectoryTarget : localFileTarget
}

function isDirectory(location: string): boolean {
  try {
    const path = resolveLocation(location)
    return currentVersion(path) !== undefined || (look(path)?.isDirectory() ?? false)
  } catch {
    return false
  }
}
