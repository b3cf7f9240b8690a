import { basename, dirname, join } from 'node:path'

/** What file systems allow for one name. */
const LONGEST_NAME = 255

/** Where the run stages a file: `.name.sluice-<run-id>`, on the same file system, hidden from globs. */
export function stagingPath(path: string, runId: string): string {
  return sibling(path, `.sluice-${runId}`)
}

/** Where the versions of a directory lie: `.name.versions`. */
export function versionsPath(path: string): string {
  return sibling(path, '.versions')
}

/** The lock that every commit to the target holds: `.name.sluice~lock`. No run id has a `~`, so no staging is named so. */
export function lockPath(path: string): string {
  return sibling(path, '.sluice~lock')
}

function sibling(path: string, suffix: string): string {
  const name = basename(path)
  const room = LONGEST_NAME - Buffer.byteLength(`.${suffix}`)
  return join(dirname(path), `.${Buffer.byteLength(name) <= room ? name : shorten(name, room)}${suffix}`)
}

/** Keeps the start of a long name, at a character boundary, and tells names of one start apart by a digest. */
function shorten(name: string, room: number): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const digest = createHash('sha256').update(name).digest('hex').slice(0, 16)
  let start = ''
  for (const character of name) {
    if (Buffer.byteLength(start + character) > room - digest.length - 1) break
    start += character
  }
  return `${start}~${digest}`
}
