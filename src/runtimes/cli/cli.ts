import type { Writable } from 'node:stream'
import { standardOutput } from '../../storage/standard-output.ts'
import { endOnSignals } from './container-signals.ts'
import { earlyEndError, endProcess, onEarlyEnd } from './early-end.ts'
import { type FailureFlags, failed } from './failure.ts'
import { takeJobArguments } from './job-arguments.ts'
import { parseCommand } from './program.ts'

/** Runs the command line and ends the process. Nothing else in Sluice ends a process or listens to signals. */
export async function runCli(argv: readonly string[]): Promise<void> {
  tolerateBrokenStreams()
  const flags = { json: argv.includes('--json'), verbose: argv.includes('--verbose') }
  process.on('uncaughtException', (error) => {
    // A run at work listens, too: it stops in good order.
    if (process.listenerCount('uncaughtException') === 1) endProcess(failed(error, flags))
  })
  const signals = endOnSignals(flags)
  onEarlyEnd((why) => failed(earlyEndError(why), flags))
  const exitCode = await exitCodeOf(argv, flags)
  // What has ended must not be told to have been ended.
  signals[Symbol.dispose]()
  await Promise.all([flushed(standardOutput()), flushed(process.stderr)])
  // An open stdin, or a timer that a job forgot, must not keep a finished command alive.
  endProcess(exitCode)
}

async function exitCodeOf(argv: readonly string[], flags: FailureFlags): Promise<number> {
  try {
    const { rest, params } = takeJobArguments(argv)
    return await parseCommand(rest, params)
  } catch (error) {
    return failed(error, flags)
  }
}

/** Whoever has something to deliver hears of a broken stream by itself. Nobody else must end for want of a listener. */
function tolerateBrokenStreams(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

/** What was written to a pipe may still be on its way. */
function flushed(stream: Writable): Promise<void> {
  return new Promise((done) => stream.write('', () => done()))
}
