import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DriverOptions } from './run-driver.ts'

const DRIVER = fileURLToPath(new URL('./run-driver.ts', import.meta.url))

/** Why system calls cannot be traced here; false when they can. */
export const noTrace: string | false =
  spawnSync('strace', ['-f', '-o', '/dev/null', 'true']).status === 0 ? false : 'needs strace, and leave to trace'

/** One system call that succeeded. It began and ended at these lines of the trace. */
export interface Call {
  readonly name: string
  /** What it was called with; descriptors with their paths. */
  readonly arguments: string
  readonly began: number
  readonly ended: number
}

/** The calls by which a run of the driver writes, renames and pushes to the medium, in the order of their ends. */
export async function traceRun(directory: string, options: DriverOptions): Promise<readonly Call[]> {
  const file = join(directory, 'trace')
  const calls = 'fsync,fdatasync,pwrite64,rename,renameat,renameat2,link,linkat,symlink,symlinkat'
  const command = [process.execPath, '--no-warnings', DRIVER, JSON.stringify(options)]
  const child = spawn('strace', ['-f', '-y', '-s', '120', '-e', `trace=${calls}`, '-o', file, ...command], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await new Promise((done) => child.on('close', done))
  return callsIn(readFileSync(file, 'utf8').split('\n'))
}

function callsIn(lines: readonly string[]): readonly Call[] {
  const calls: Call[] = []
  const open = new Map<string, { readonly text: string; readonly began: number }>()
  for (const [at, line] of lines.entries()) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? []
    const started = /^(.*) <unfinished \.\.\.>$/.exec(text)?.[1]
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(text)?.[1]
    if (started !== undefined) open.set(thread, { text: started, began: at })
    const before = resumed === undefined ? undefined : open.get(thread)
    const [, name, rest] = /^(\w+)\((.*)\) += \d+$/.exec(before === undefined ? text : before.text + resumed) ?? []
    if (name !== undefined) calls.push({ name, arguments: rest as string, began: before?.began ?? at, ended: at })
  }
  return calls
}
