import type { LogFields } from '../../../context.ts'
import type { LambdaLogger } from '../lambda-logger.ts'

export interface Line extends LogFields {
  readonly level: string
  readonly message: string
}

/** A logger that keeps its lines. */
export function keepingLogger(): LambdaLogger & { readonly lines: readonly Line[] } {
  const lines: Line[] = []
  const write = (level: string) => (message: string, fields: LogFields) =>
    void lines.push({ level, message, ...fields })
  return { lines, debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
}
