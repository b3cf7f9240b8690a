import { spawn } from 'node:child_process'
import { treeMemory } from './process-tree.ts'

export interface Measured {
  /** From just before the process is started to its exit, by the monotonic clock. */
  readonly seconds: number
  /** The greatest sum of VmRSS over the process tree in any sample, or one process's VmHWM where that is greater. */
  readonly peakRss: number
  /** The greatest sum of RssAnon over the process tree in any sample. */
  readonly peakAnonymous: number
  readonly exitCode: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs one whole process and samples the memory of its tree every 10 ms. */
export function runProcess(
  command: string,
  args: readonly string[],
  cwd: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const [stdout, stderr]: [Buffer[], Buffer[]] = [[], []]
    let [peakRss, peakAnonymous, exitedAt] = [0, 0, 0n]
    const startedAt = process.hrtime.bigint()
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const sample = () => {
      const { resident, anonymous, highWater } = treeMemory(child.pid!)
      peakRss = Math.max(peakRss, resident, highWater)
      peakAnonymous = Math.max(peakAnonymous, anonymous)
    }
    const sampling = setInterval(sample, SAMPLE_MS)
    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk))
    child.on('error', reject)
    child.on('exit', () => {
      exitedAt = process.hrtime.bigint()
      clearInterval(sampling)
    })
    // `close` comes after `exit`, when the last output has been read.
    child.on('close', (exitCode) => {
      resolve({
        seconds: Number(exitedAt - startedAt) / 1e9,
        peakRss,
        peakAnonymous,
        exitCode,
        stdout: Buffer.concat(stdout).toString(),
        stderr: Buffer.concat(stderr).toString(),
      })
    })
  })
}

const SAMPLE_MS = 10
