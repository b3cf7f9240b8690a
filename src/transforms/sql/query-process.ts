import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { RunContext } from '../../context.ts'
import { crashed, queryError } from './query-errors.ts'
import type { QueryAnswer, QueryRequest } from './query-request.ts'

/**
 * Runs a query in a process of its own, so that the memory that it takes is bounded and given back, and a crash is its
 * own. Resolves to the rows that it read. The process is gone when this ends, however it ends; should this process be
 * killed, the other one ends by itself.
 */
export async function runQuery(request: Omit<QueryRequest, 'spill'>, { scratch, signal }: RunContext): Promise<number> {
  signal.throwIfAborted()
  const child = start()
  const ended = once(child, 'close')
  const stop = () => child.kill('SIGKILL')
  signal.addEventListener('abort', stop, { once: true })
  try {
    const answer = await ask(child, { ...request, spill: join(scratch, 'spill') })
    signal.throwIfAborted()
    if ('failure' in answer) throw queryError(request, answer.failure)
    return answer.rows
  } finally {
    signal.removeEventListener('abort', stop)
    // It has nothing left to do, and closing a database takes its time.
    stop()
    await ended.catch(() => {})
  }
}

/** Without the environment of this process, which may hold secrets, and out of reach of a terminal's interrupt. */
function start(): ChildProcess {
  const { LD_LIBRARY_PATH, SystemRoot } = process.env
  const env = { ...(LD_LIBRARY_PATH ? { LD_LIBRARY_PATH } : {}), ...(SystemRoot ? { SystemRoot } : {}) }
  return spawn(process.execPath, program(), { env, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
}

function program(): readonly string[] {
  const flags = ['--no-warnings', '--max-old-space-size=64']
  return typeof BUNDLED_QUERY_CHILD === 'string'
    ? [...flags, '--input-type=module', '--eval', BUNDLED_QUERY_CHILD]
    : [...flags, fileURLToPath(new URL('./query-child.ts', import.meta.url))]
}

/** What the process answers; when it ends without, an error with what it said last. */
function ask(child: ChildProcess, request: QueryRequest): Promise<QueryAnswer> {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-SAID)
  })
  return new Promise((resolve, reject) => {
    child.once('message', (answer) => resolve(answer as QueryAnswer))
    child.once('error', reject)
    child.once('close', (code, signal) => reject(crashed(signal ?? `code ${code}`, request, said)))
    // Whoever ended before it could read says so by its end.
    child.send(request, () => {})
  })
}

/** Characters of what a process says that fails. */
const SAID = 2000
