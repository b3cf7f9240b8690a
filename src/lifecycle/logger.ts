import type { LogFields, Logger } from '../context.ts'

const nothing = () => {}

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * The same logger with some fields on every line. A field that a line brings itself wins. A log that throws loses its
 * line: whoever listens must not change what becomes of a run.
 */
export function withFields(log: Logger, fields: LogFields): Logger {
  if (log === silentLogger) return log
  const write = (level: keyof Logger) => (more: LogFields, message: string) => {
    try {
      log[level]({ ...fields, ...more }, message)
    } catch {
      // There is no other place to tell it.
    }
  }
  return { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}

/**
 * JSON lines by pino on a file descriptor, by default stderr. Written at once, so that nothing is lost when the
 * process ends. Loaded only when somebody wants log lines: pino takes longer to load than a small run.
 */
export async function pinoLogger({ level, fd = 2 }: { level: string; fd?: number }): Promise<Logger> {
  const { pino } = await import('pino')
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { level: levelName } }
  const destination = pino.destination({ fd, sync: true })
  // Log lines that nobody can take, such as those for a full disk, are no reason to fail.
  destination.on('error', nothing)
  return pino<never>(options, destination)
}

/** A name says more than pino's number. */
function levelName(label: string): { level: string } {
  return { level: label }
}
