import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { ProcessCommand, ProcessCounts, ProcessOptions } from './s3-server-process.ts'

const SCRIPT = fileURLToPath(new URL('./s3-server-process.ts', import.meta.url))

export interface S3ServerChild extends AsyncDisposable {
  readonly endpoint: string
  readonly pid: number
  /** Does what is asked for, if anything, and counts. */
  command(command?: ProcessCommand): Promise<ProcessCounts>
  close(): Promise<void>
}

/** For tests and benches that must not share a process with the server. */
export async function startS3ServerChild(options: ProcessOptions = {}): Promise<S3ServerChild> {
  const child = spawn(process.execPath, ['--no-warnings', SCRIPT, JSON.stringify(options)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const answers = createInterface({ input: child.stdout! })[Symbol.asyncIterator]()
  const answer = async () => {
    const { value, done } = await answers.next()
    if (done) throw new Error('the S3 server has ended')
    return JSON.parse(value)
  }
  const { endpoint } = await answer()
  const command = (asked: ProcessCommand = {}) => {
    child.stdin!.write(`${JSON.stringify(asked)}\n`)
    return answer()
  }
  const close = () => end(child)
  return { endpoint, pid: child.pid!, command, close, [Symbol.asyncDispose]: close }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, 'exit')
  child.stdin!.end()
  await exit
}
