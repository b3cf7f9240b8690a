import { SluiceError } from '../errors.ts'

/** What rules that list values take. */
export type ListedValue = string | number | bigint | boolean

/** The values as cells have them, each once. Throws `job-invalid` for an empty list, and for what is no value. */
export function textsOf(rule: string, values: readonly ListedValue[]): ReadonlySet<string> {
  if (!Array.isArray(values) || values.length === 0 || !values.every(isListed)) {
    throw new SluiceError('job-invalid', `${rule}: the values must be an array of texts, numbers or booleans.`)
  }
  return new Set(values.map(String))
}

/** For messages: all of a few, the first ones of many. */
export function listed(texts: ReadonlySet<string>): string {
  const shown = [...texts].slice(0, SHOWN).map((text) => JSON.stringify(text))
  const more = texts.size - shown.length
  if (more > 0) return `one of ${shown.join(', ')} and ${more} more`
  return shown.length === 1 ? `${shown[0]}` : `one of ${shown.join(', ')}`
}

function isListed(value: unknown): boolean {
  return ['string', 'bigint', 'boolean'].includes(typeof value) || Number.isFinite(value)
}

const SHOWN = 10
