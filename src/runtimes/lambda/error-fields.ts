import type { LogFields } from '../../context.ts'
import { SluiceError } from '../../errors.ts'

/**
 * An error as Powertools logs it. Of what is not ours only the name, the code and the places are told: a message of
 * somebody else may quote the value of a row.
 */
export function errorFields(error: unknown, depth = 0): LogFields {
  if (!(error instanceof Error)) return { name: typeof error }
  const { name, message, stack = '', cause } = error
  const own = error instanceof SluiceError
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line))
  const code = (error as NodeJS.ErrnoException).code
  return {
    name,
    ...(code === undefined ? {} : { code: String(code) }),
    location: locationOf(frames[0]),
    ...(own ? { message } : {}),
    stack: [own ? `${name}: ${message}` : name, ...frames].join('\n'),
    ...(cause === undefined || depth > 4 ? {} : { cause: errorFields(cause, depth + 1) }),
  }
}

/** `file:line`, without the column. */
function locationOf(frame = ''): string {
  const [, file = '', line = ''] = /\(?([^\s()]+):(\d+):\d+\)?$/.exec(frame) ?? []
  return file === '' ? '' : `${file}:${line}`
}
