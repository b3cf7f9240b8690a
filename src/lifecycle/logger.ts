import type { LogFields, Logger } from '../context.ts'

const nothing = () => {}

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing }

/**
 * The same logger with some fields on every line. A field that a line brings itself wins. What the logger throws is
 * dropped: it must not change what becomes of the run.
 */
export function withFields(log: Logger, fields: LogFields): Logger {
  if (log === silentLogger) return log
  const write = (level: keyof Logger) => (more: LogFields, message: string) => {
    try {
      log[level]({ ...fields, ...more }, message)
    } catch {
      // There is no better place to say so.
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
  return pino<never>(options, pino.destination({ fd, sync: true }))
}

/** A name says more than pino's number. */
function levelName(label: string): { level: string } {
  return { level: label }
}
