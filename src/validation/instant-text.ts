import { isCalendarDay } from './calendar-day.ts'

/**
 * Milliseconds since 1970 of a day or an instant in ISO 8601; of text that names no zone UTC is meant, for times as for days.
 * Of a fraction of a second three digits count. NaN for other text, and for days and times that there are not.
 */
export function instantOf(text: string): number {
  if (!ISO.test(text) || !isCalendarDay(text.slice(0, 10))) return Number.NaN
  const zoned = text.length <= 10 || ZONED.test(text) ? text : `${text}Z`
  return Date.parse(zoned.replace(' ', 'T'))
}

const ISO = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[zZ]|[+-]\d\d:?\d\d)?)?$/
const ZONED = /(?:[zZ]|[+-]\d\d:?\d\d)$/
