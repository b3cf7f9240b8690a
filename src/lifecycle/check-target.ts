import { statSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { SluiceError } from '../errors.ts'
import { resolveLocation } from '../storage/location.ts'
import type { BoundJob } from './bind.ts'
import { isRead } from './letters/conflict-on-s3.ts'

/**
 * An output that lies among several inputs would be read by the next run, which would load every row twice. What is
 * written to a prefix has hidden names, and one file may well be read and replaced. Throws `job-invalid`.
 */
export function checkTarget({ source, sink }: Pick<BoundJob, 'source' | 'sink'>): void {
  const input = source.description['path']
  if (typeof input !== 'string' || input === '-') return
  const { location, target } = sink
  const onS3 = target.kind === 's3-object' && isRead(location, input)
  if (!onS3 && !(target.kind === 'local-file' && isFileOf(location, input))) return
  const fix = 'the next run would read it as well; name another place'
  throw new SluiceError('job-invalid', `The target ${location} lies in ${input}, which is read: ${fix}.`)
}

/** Of a directory only the files that lie directly in it are read. */
function isFileOf(location: string, input: string): boolean {
  if (/^[._]/.test(basename(location))) return false
  const directory = resolveLocation(input)
  const found = statSync(directory, { throwIfNoEntry: false })
  return found?.isDirectory() === true && dirname(resolveLocation(location)) === directory
}
