import type { LogFields, Logger } from '../../context.ts'
import { errorFields } from './error-fields.ts'
import type { LambdaContext } from './lambda-context.ts'

/** Message first, then fields, as the `Logger` of Powertools has it. */
export interface LambdaLogger {
  debug(message: string, fields: LogFields): void
  info(message: string, fields: LogFields): void
  warn(message: string, fields: LogFields): void
  error(message: string, fields: LogFields): void
  /**
   * Called once an invocation, where there is such a method, with all that AWS gives to the handler. Others may want more
   * of it than is used here.
   */
  addContext?(context: never): void
}

/** JSON lines on stdout, with the keys of Powertools. `POWERTOOLS_LOG_LEVEL` sets their level. */
export function lambdaLogger(
  context: LambdaContext,
  { service, cold }: { service: string; cold: boolean },
): LambdaLogger {
  const { POWERTOOLS_LOG_LEVEL: own, AWS_LAMBDA_LOG_LEVEL: ofFunction } = process.env
  const least = RANKS.get((own || ofFunction || 'INFO').toUpperCase()) ?? 1
  const common = { service, cold_start: cold, ...contextKeys(context) }
  const write =
    (level: string, rank: number) =>
    (message: string, { error, ...fields }: LogFields) => {
      if (rank < least) return
      const failure = error === undefined ? {} : { error: errorFields(error) }
      const timestamp = new Date().toISOString()
      // Not by the console, which Lambda has wrapped.
      process.stdout.write(`${JSON.stringify({ level, message, timestamp, ...common, ...fields, ...failure })}\n`)
    }
  return { debug: write('DEBUG', 0), info: write('INFO', 1), warn: write('WARN', 2), error: write('ERROR', 3) }
}

/** As those who run jobs want it. The failure of a run is told by whoever called it, with its stack. */
export function runLogger(log: LambdaLogger): Logger {
  return {
    debug: (fields, message) => log.debug(message, fields),
    info: (fields, message) => log.info(message, fields),
    warn: (fields, message) => log.warn(message, fields),
    error: (fields, message) => (message === 'failed' ? undefined : log.error(message, fields)),
  }
}

const RANKS: ReadonlyMap<string, number> = new Map([
  ['TRACE', 0],
  ['DEBUG', 0],
  ['INFO', 1],
  ['WARN', 2],
  ['ERROR', 3],
  ['CRITICAL', 4],
  ['FATAL', 4],
  ['SILENT', 5],
])

function contextKeys(context: LambdaContext): LogFields {
  const [, root] = /Root=([^;]+)/.exec(process.env['_X_AMZN_TRACE_ID'] ?? '') ?? []
  return {
    function_arn: context.invokedFunctionArn,
    function_memory_size: String(context.memoryLimitInMB),
    function_name: context.functionName,
    function_request_id: context.awsRequestId,
    ...(root === undefined ? {} : { xray_trace_id: root }),
  }
}
