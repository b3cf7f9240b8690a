import type { Logger, RunEvent } from '../../context.ts'
import { SluiceError } from '../../errors.ts'
import { pinoLogger, silentLogger } from '../../lifecycle/logger.ts'
import { inOneLine } from './format.ts'
import { paint } from './paint.ts'
import { Progress } from './progress.ts'

/** What stderr tells while a run is at work: a progress bar on a terminal, else pino's JSON lines. */
export interface Narration {
  readonly log: Logger
  /** True once the run was planned, thus is neither a repetition nor a mistake in the command. */
  readonly began: boolean
  see(event: RunEvent): void
  /** Clears what was drawn. */
  end(): void
}

const LEVELS: readonly string[] = ['debug', 'info', 'warn', 'error', 'silent']

/** `SLUICE_LOG` sets the level of the log lines; `silent` spares the time to load pino. */
export async function startNarration(job: string): Promise<Narration> {
  const level = process.env['SLUICE_LOG'] || 'info'
  if (!LEVELS.includes(level)) throw new SluiceError('usage', `SLUICE_LOG must be one of ${LEVELS.join(', ')}.`)
  const { stderr } = process
  const progress = stderr.isTTY ? new Progress(job, stderr) : undefined
  const lines = async () => (level === 'silent' ? silentLogger : pinoLogger({ level }))
  const log = progress === undefined ? await lines() : terminalLog(progress, stderr)
  let began = false
  return {
    log,
    get began() {
      return began
    },
    see: (event) => {
      if (event.type === 'RunPlanned') began = true
      progress?.see(event)
    },
    end: () => progress?.clear(),
  }
}

/** On a terminal only what people should act on; the rest is in the summary. */
function terminalLog(progress: Progress, stream: NodeJS.WriteStream): Logger {
  const warn: Logger['warn'] = ({ err, reason }, message) => {
    progress.clear()
    const why = err ?? reason
    const text = inOneLine(why === undefined ? message : `${message}: ${why}`)
    stream.write(`${paint('yellow', 'warning', stream)}: ${text}\n`)
  }
  return { ...silentLogger, warn }
}
