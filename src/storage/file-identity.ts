import { type BigIntStats, lstatSync } from 'node:fs'

/** Like `lstat`, in nanoseconds, and undefined when nothing is there. */
export function look(path: string): BigIntStats | undefined {
  return lstatSync(path, { bigint: true, throwIfNoEntry: false })
}

/** Names these bytes wherever they are renamed or linked to. */
export function contentIdentity(stat: BigIntStats): string {
  return `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`
}

/** Changes also when mode, owner or links change, or when somebody sets the modification time back. */
export function fileIdentity(stat: BigIntStats | undefined): string {
  return stat === undefined ? 'absent' : `file:${contentIdentity(stat)}:${stat.ctimeNs}`
}
