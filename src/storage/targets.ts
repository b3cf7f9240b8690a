import { look } from './file-identity.ts'
import { icebergTarget } from './iceberg/iceberg-target.ts'
import { localDirectoryTarget } from './local-directory-target.ts'
import { localFileTarget } from './local-file-target.ts'
import { currentVersion, resolveLocation } from './location.ts'
import { isPrefix, isS3, parseS3 } from './s3/s3-location.ts'
import { s3ObjectTarget } from './s3/s3-object-target.ts'
import { s3PrefixTarget } from './s3/s3-prefix-target.ts'
import { standardOutput } from './standard-output.ts'
import { streamTarget } from './stream-target.ts'
import type { Target, TargetKind } from './target.ts'

const TARGETS: Readonly<Record<TargetKind, Target>> = {
  'local-file': localFileTarget,
  'local-directory': localDirectoryTarget,
  stream: streamTarget(),
  's3-object': s3ObjectTarget,
  's3-prefix': s3PrefixTarget,
  iceberg: icebergTarget(),
}

/** The target that can finish or undo a journaled plan. Streams died with their process. */
export function targetOfKind(kind: TargetKind): Target {
  return TARGETS[kind]
}

/**
 * What a location means: `-` is stdout, `s3://` an object or (with a final slash) a prefix, another final slash or an existing directory is a directory, the rest is a file.
 * So is a path that cannot be followed: its plan will say so, in a run that leaves an audit record.
 */
export function targetAt(location: string): Target {
  if (location === '-') return streamTarget(standardOutput())
  if (isS3(location)) return isPrefix(parseS3(location)) ? s3PrefixTarget : s3ObjectTarget
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
