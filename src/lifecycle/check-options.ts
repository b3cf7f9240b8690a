import { SluiceError } from '../errors.ts'
import type { RunOptions } from './run-options.ts'

/** Asserts that the options of a run are of the right kinds, for programs in plain JavaScript. Throws `usage`. */
export function checkRunOptions(options: unknown): asserts options is RunOptions {
  if (!isObject(options)) throw invalid(['they must be an object'])
  const problems = Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined) return []
    const kind = (KINDS as Readonly<Record<string, Kind>>)[name]
    if (kind === undefined) return [`there is no option "${name}"; the options are ${Object.keys(KINDS).join(', ')}`]
    return kind.accepts(value) ? [] : [`${name} must be ${kind.text}`]
  })
  if (problems.length > 0) throw invalid(problems)
}

interface Kind {
  readonly text: string
  accepts(value: unknown): boolean
}

const text: Kind = { text: 'a text that is not empty', accepts: (value) => typeof value === 'string' && value !== '' }
const texts: Kind = {
  text: 'an object whose values are texts',
  accepts: (value) => isObject(value) && Object.values(value).every((item) => typeof item === 'string'),
}
const signal: Kind = { text: 'an AbortSignal', accepts: (value) => value instanceof AbortSignal }
const log: Kind = {
  text: 'a logger with debug, info, warn and error',
  accepts: (value) => isObject(value) && ['debug', 'info', 'warn', 'error'].every((name) => isFunction(value[name])),
}

const KINDS: Readonly<Record<keyof RunOptions, Kind>> = {
  environment: text,
  params: texts,
  runId: text,
  state: text,
  config: text,
  deadLetters: text,
  signal,
  log,
  correlationId: text,
  identity: text,
  onEvent: { text: 'a function', accepts: isFunction },
  code: text,
  dryRun: { text: 'true or false', accepts: (value) => typeof value === 'boolean' },
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function isFunction(value: unknown): boolean {
  return typeof value === 'function'
}

function invalid(problems: readonly string[]): SluiceError {
  return new SluiceError('usage', `The options of the run are invalid: ${problems.join('; ')}.`)
}
