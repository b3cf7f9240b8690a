import { failed } from './failure.ts'
import { takeJobArguments } from './job-arguments.ts'
import { parseCommand } from './program.ts'

/** Runs the command line and ends the process. Nothing else in Sluice ends a process or listens to signals. */
export async function runCli(argv: readonly string[]): Promise<void> {
  toleratePipes()
  process.exitCode = await exitCodeOf(argv)
  await Promise.all([flushed(process.stdout), flushed(process.stderr)])
  // An open stdin, or a timer that a job forgot, must not keep a finished command alive.
  process.exit()
}

async function exitCodeOf(argv: readonly string[]): Promise<number> {
  try {
    const { rest, params } = takeJobArguments(argv)
    return await parseCommand(rest, params)
  } catch (error) {
    return failed(error, { json: argv.includes('--json'), verbose: argv.includes('--verbose') })
  }
}

/** A reader that has seen enough, such as `head`, is no error. Whoever has data to deliver sees it by itself. */
function toleratePipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error
    })
  }
}

/** What was written to a pipe may still be on its way. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((done) => stream.write('', () => done()))
}
