/**
 * The milliseconds to wait by a `Retry-After` field (RFC 9110, section 10.2.3): seconds, or a date in one of the three
 * forms of section 5.6.7. Undefined for anything else. `now` is the server's time where it said so.
 */
export function parseRetryAfter(field: string, now: number): number | undefined {
  const text = field.trim()
  if (/^\d{1,10}$/.test(text)) return Number(text) * 1000
  const date = parseHttpDate(text)
  return date === undefined ? undefined : Math.max(0, date - now)
}

/** Milliseconds since the epoch. `Date.parse` takes much that is no such date, and one of the forms as local time. */
export function parseHttpDate(text: string): number | undefined {
  const parts = (IMF.exec(text) ?? RFC850.exec(text) ?? ASCTIME.exec(text))?.groups
  if (parts === undefined) return undefined
  const { day, month, year, time } = parts as Record<'day' | 'month' | 'year' | 'time', string>
  const [hour, minute, second] = time.split(':').map(Number) as [number, number, number]
  const at = Date.UTC(fullYear(year), MONTHS.indexOf(month), Number(day), hour, minute, second)
  const date = new Date(at)
  // A day or an hour that no calendar has would roll over. A leap second may.
  const real = date.getUTCDate() === Number(day) || second === 60
  return real && hour < 24 && minute < 60 && second <= 60 ? at : undefined
}

/** Two digits that seem more than 50 years ahead mean the past. */
function fullYear(year: string): number {
  if (year.length === 4) return Number(year)
  const now = new Date().getUTCFullYear()
  const full = now - (now % 100) + Number(year)
  return full > now + 50 ? full - 100 : full
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MONTH = `(?<month>${MONTHS.join('|')})`
const TIME = String.raw`(?<time>\d\d:\d\d:\d\d)`
const IMF = new RegExp(String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), (?<day>\d\d) ${MONTH} (?<year>\d{4}) ${TIME} GMT$`)
const RFC850 = new RegExp(
  String.raw`^(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day, (?<day>\d\d)-${MONTH}-(?<year>\d\d) ${TIME} GMT$`,
)
const ASCTIME = new RegExp(
  String.raw`^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ${MONTH} (?<day>[ \d]\d) ${TIME} (?<year>\d{4})$`,
)
