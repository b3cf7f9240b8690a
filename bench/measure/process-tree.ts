import { readdirSync, readFileSync } from 'node:fs'

/** What a process and all its descendants hold at one moment, in bytes. */
export interface TreeMemory {
  /**
   * Sum of VmRSS: every resident page, anonymous, file-backed and shared. A page that two processes share counts in
   * each of them, so for a tree of several processes this is an upper bound, never too small.
   */
  readonly resident: number
  /** Sum of RssAnon: the private part alone, without program text and without shared memory. */
  readonly anonymous: number
  /** The greatest VmHWM of a single process: its own peak as the kernel kept it, whatever falls between two samples. */
  readonly highWater: number
}

/** Reads /proc, so Linux only; elsewhere, and for a process that has just gone, everything is 0. */
export function treeMemory(root: number): TreeMemory {
  let [resident, anonymous, highWater] = [0, 0, 0]
  const pending = [root]
  for (let pid = pending.pop(); pid !== undefined; pid = pending.pop()) {
    const status = tryRead(() => readFileSync(`/proc/${pid}/status`, 'latin1'), '')
    resident += kilobytes(status, 'VmRSS:')
    anonymous += kilobytes(status, 'RssAnon:')
    highWater = Math.max(highWater, kilobytes(status, 'VmHWM:'))
    pending.push(...children(pid))
  }
  return { resident: resident * 1024, anonymous: anonymous * 1024, highWater: highWater * 1024 }
}

/** A child belongs to the thread that started it, and that need not be the main one. */
function children(pid: number): number[] {
  return tryRead(() => readdirSync(`/proc/${pid}/task`), [])
    .flatMap((task) => tryRead(() => readFileSync(`/proc/${pid}/task/${task}/children`, 'latin1'), '').split(' '))
    .filter((child) => child !== '')
    .map(Number)
}

function kilobytes(status: string, field: string): number {
  const at = status.indexOf(field)
  return at < 0 ? 0 : Number.parseInt(status.slice(at + field.length), 10)
}

/** Processes end between two reads; a file that has gone is no error. */
function tryRead<T>(read: () => T, otherwise: T): T {
  try {
    return read()
  } catch {
    return otherwise
  }
}
