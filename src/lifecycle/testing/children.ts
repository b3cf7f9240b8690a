import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RealRun } from './real-run.ts'

const CACHE = join(tmpdir(), 'sluice-test-cache')
const REAL_RUN = fileURLToPath(new URL('./real-run.ts', import.meta.url))

/** A process of its own, without a loader: Node strips the types itself. */
export function startScript(
  path: string,
  argument: unknown,
  environment: NodeJS.ProcessEnv = {},
  stderr: 'inherit' | 'ignore' = 'inherit',
): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', path, JSON.stringify(argument)], {
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE, ...environment },
    stdio: ['ignore', 'pipe', stderr],
  })
}

export function startReal(run: RealRun, crashAt = ''): ChildProcess {
  return startScript(REAL_RUN, run, { SLUICE_CRASH_AT: crashAt }, run.target === '-' ? 'ignore' : 'inherit')
}

export interface ChildEnd {
  readonly killed: boolean
  readonly exit: number | null
  // biome-ignore lint/suspicious/noExplicitAny: whatever JSON the script printed
  readonly result: any
}

export async function endOf(child: ChildProcess): Promise<ChildEnd> {
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text) => {
    output += text
  })
  const [exit, signal] = await new Promise<[number | null, string | null]>((done) => {
    child.on('close', (code, by) => done([code, by]))
  })
  return { killed: signal === 'SIGKILL', exit, result: output === '' ? {} : JSON.parse(output) }
}

export async function appears(path: string): Promise<void> {
  while (!existsSync(path)) await pause(1)
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((wake) => setTimeout(wake, milliseconds))
}

/** Works on some items at a time. */
export async function inParallel<T>(
  items: Iterable<T>,
  together: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) await work(next.value)
  }
  await Promise.all(Array.from({ length: together }, worker))
}
