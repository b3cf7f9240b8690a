import { closeSync, existsSync, mkdtempSync, openSync, realpathSync, rmdirSync, statSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { SluiceError } from '../errors.ts'
import { resolveLocation } from '../storage/location.ts'
import { versionsPath } from '../storage/sibling.ts'
import { writeError } from '../storage/write-error.ts'
import type { BoundJob } from './bind.ts'
import { conflictOnS3 } from './letters/conflict-on-s3.ts'
import { isRemote } from './letters/letter-place.ts'
import type { StateDirectory } from './state-directory.ts'

/**
 * Dead letters are delivered when all else is over: too late to find out that they would destroy the output, end up in
 * the input of the next run, or cannot be written at all. Whether an address can be written is not tried: that would
 * leave something. Throws `job-invalid`; leaves nothing behind.
 */
export function checkDeadLetters(job: BoundJob, state: StateDirectory): void {
  const { deadLetters: location } = job
  // Without a wish they have a file of their own.
  if (location === undefined) return
  if (location === '-') {
    throw refused('"-" is no file, and letters in a pipe could not be delivered again after a crash; name a file')
  }
  try {
    const conflict = conflictOfLetters(location, job, state)
    if (conflict !== undefined) throw refused(conflict)
    if (!isRemote(location)) probe(resolveLocation(location), location)
  } catch (error) {
    if (error instanceof SluiceError && error.code === 'job-invalid') throw error
    throw refused(writeError(error, location).message.replace(/\.$/, ''), error)
  }
}

/** Why letters must not lie there, whether they could or not. Looks and tries nothing. */
export function conflictOfLetters(
  location: string,
  job: Pick<BoundJob, 'source' | 'sink'>,
  state: StateDirectory,
): string | undefined {
  if (isRemote(location)) {
    const conflict = conflictOnS3(location, job, state)
    return conflict && `${location} ${conflict}; name another prefix`
  }
  const place = placeOf(resolveLocation(location), job, state)
  return place && `${location} ${place}; name another file`
}

/** What the path is to the run that no file of dead letters may be. */
function placeOf(
  path: string,
  { source, sink }: Pick<BoundJob, 'source' | 'sink'>,
  state: StateDirectory,
): string | undefined {
  const input = source.description['path']
  if (typeof input === 'string' && input !== '-') {
    const read = followed(input)
    if (isSame(path, read)) return 'is the source'
    if (isWithin(path, read)) return 'lies in the directory that is read'
  }
  if (sink.target.kind !== 'stream') {
    const output = resolveLocation(sink.location)
    if (isSame(path, output)) return 'is the target'
    if (isWithin(path, output) || isWithin(path, versionsPath(output))) return 'lies in the target, which is replaced'
  }
  const own = [state.runs, state.settled, state.ledger, state.audit, state.leases].map(followed)
  return own.some((name) => isWithin(path, name)) ? 'lies among the records of the state directory' : undefined
}

/** With all links followed, also that of a versioned directory, where there is something. */
function followed(path: string): string {
  return existsSync(path) ? realpathSync.native(path) : resolveLocation(path)
}

/** Hard links are the same file under two names. */
function isSame(path: string, other: string): boolean {
  if (path === other) return true
  const [one, two] = [path, other].map((name) => statSync(name, { bigint: true, throwIfNoEntry: false }))
  return one !== undefined && one.dev === two?.dev && one.ino === two.ino
}

function isWithin(path: string, directory: string): boolean {
  return path.startsWith(directory + sep)
}

/** Opens what is there, or tries whether something could be made where nothing is. */
function probe(path: string, location: string): void {
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat === undefined) {
    probeDirectory(dirname(path))
    return
  }
  if (!stat.isFile()) {
    throw refused(`${location} is ${stat.isDirectory() ? 'a directory' : 'no regular file'}; name a file`)
  }
  closeSync(openSync(path, 'r+'))
}

/** In the first directory there is: the others will be made in it. */
function probeDirectory(path: string): void {
  const directory = resolve(path)
  if (statSync(directory, { throwIfNoEntry: false }) === undefined && directory !== dirname(directory)) {
    probeDirectory(dirname(directory))
    return
  }
  rmdirSync(mkdtempSync(join(directory, '.sluice-probe-')))
}

function refused(why: string, cause?: unknown): SluiceError {
  return new SluiceError('job-invalid', `Dead letters cannot go there: ${why}.`, { cause })
}
