import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** The processes that a process has started and that are still there. */
export function childrenOf(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' }).split('\n')
  return lines.flatMap((line) => {
    const [, child, parent, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return Number(parent) === pid && !state.startsWith('Z') && !command.startsWith('ps ') ? [Number(child)] : []
  })
}

export function isAlive(pid: number): boolean {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' }).split('\n')
  return lines.some((line) => {
    const [id, state = ''] = line.trim().split(/\s+/)
    return Number(id) === pid && !state.startsWith('Z')
  })
}

/** The most memory that a process has had until now, in bytes; undefined when it is gone. Only on Linux. */
export function peakOf(pid: number): number | undefined {
  try {
    const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024
  } catch {
    return undefined
  }
}
