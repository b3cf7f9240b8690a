import { SluiceError } from '../errors.ts'
import { nearMiss } from './near-miss.ts'

/** What an option may be, and how people are told. */
export interface OptionCheck {
  /** Follows "must be". */
  readonly wanted: string
  readonly accepts: (value: unknown) => boolean
}

/** A check for every option that there is: whoever adds an option to the type must say here what it may be. */
export type OptionChecks<T> = { readonly [K in keyof T & string]-?: OptionCheck }

/** Refuses options that nobody knows, and values that an option cannot have. Throws `job-invalid`. */
export function checkOptions<T extends object>(where: string, options: T, checks: OptionChecks<NoInfer<T>>): void {
  const given: unknown = options
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalid(where, 'the options must be an object')
  }
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(checks, name)) throw invalid(where, unknownName('option', name, Object.keys(checks)))
    const { wanted, accepts } = (checks as Readonly<Record<string, OptionCheck>>)[name] as OptionCheck
    if (value !== undefined && !accepts(value)) throw invalid(where, `${name} must be ${wanted}`)
  }
}

/** Says that a name is not there, and which one was meant or what there is. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const near = nearMiss(name, known)
  const help = near === undefined ? `the ${kind}s are ${known.join(', ')}` : `did you mean "${near}"?`
  return `there is no ${kind} "${name}"; ${help}`
}

/** True or false. */
export const BOOLEAN: OptionCheck = { wanted: 'true or false', accepts: (value) => typeof value === 'boolean' }

/** Text that is not empty. */
export const TEXT: OptionCheck = {
  wanted: 'text that is not empty',
  accepts: (value) => typeof value === 'string' && value !== '',
}

/** Some names of columns, each once. */
export const COLUMN_NAMES: OptionCheck = {
  wanted: 'an array of column names, each once and none of them empty',
  accepts: (value) => isNames(value) && value.length > 0 && new Set(value).size === value.length,
}

export function oneOf(...values: readonly string[]): OptionCheck {
  return {
    wanted: values.map((value) => `"${value}"`).join(' or '),
    accepts: (value) => values.includes(value as string),
  }
}

export function wholeNumber(least: number, most: number = Number.MAX_SAFE_INTEGER): OptionCheck {
  const upTo = most === Number.MAX_SAFE_INTEGER ? '' : ` to ${most}`
  return {
    wanted: `a whole number from ${least}${upTo}`,
    accepts: (value) => Number.isInteger(value) && (value as number) >= least && (value as number) <= most,
  }
}

export function aFunction(wanted: string): OptionCheck {
  return { wanted, accepts: (value) => typeof value === 'function' }
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== '')
}

function invalid(where: string, what: string): SluiceError {
  return new SluiceError('job-invalid', `${where}: ${what}${what.endsWith('?') ? '' : '.'}`)
}
