/**
 * Readers of typed values out of text, for `cast` and for schemas. Each gives undefined for text of another form: what
 * would have to be guessed, or could not be kept exactly, is no value.
 */

/** A double: `1`, `-2.5`, `1e5`. Undefined for what is beyond all doubles. */
export function readNumber(text: string): number | undefined {
  const value = NUMBER.test(text) ? Number(text) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** True for the text of a whole number that a double would change without a word. */
export function isBeyondNumbers(text: string): boolean {
  return INTEGER.test(text) && !Number.isSafeInteger(Number(text))
}

const INTEGER = /^\s*[+-]?\d+\s*$/

/** A whole number of any size. */
export function readBigInt(text: string): bigint | undefined {
  return /^[+-]?\d+$/.test(text) ? BigInt(text.replace('+', '')) : undefined
}

/** True for text that begins with a day which its month does not have: `Date` would take it for one of the next. */
export function isNoDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}/.test(text) && readDate(text.slice(0, 10)) === undefined
}

/** ISO 8601. A date without a zone is UTC; a day that the month does not have is none. */
export function readDate(text: string): Date | undefined {
  const match = ISO_DATE.exec(text)
  if (match === null) return undefined
  const [, year, month, day, time, , , zone] = match
  const date = new Date(time !== undefined && zone === undefined ? `${text}Z` : text)
  if (Number.isNaN(date.getTime())) return undefined
  const midnight = new Date(`${year}-${month}-${day}T00:00:00Z`)
  return midnight.getUTCDate() === Number(day) ? date : undefined
}

const ISO_DATE = /^(\d{4})-(\d{2})-(\d{2})(T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?)?$/
