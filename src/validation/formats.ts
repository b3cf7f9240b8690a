import { isCalendarDay } from './calendar-day.ts'
import { compilePattern } from './pattern.ts'

export type FormatName = 'email' | 'e164_phone' | 'url' | 'uuid' | 'iso_date'

interface Format {
  /** Follows "must be". */
  readonly wanted: string
  readonly test: (text: string) => boolean
  /** Text that this automaton accepts has the format; the test decides about the rest. */
  readonly table?: Uint8Array | undefined
}

/** What the rule `format` knows, made when it is asked for: automata take milliseconds, which most jobs need not pay. */
export const FORMATS: Readonly<Record<FormatName, () => Format>> = {
  // RFC 5321 (4.5.3.1) and 5322 (3.2.3) without quoted local parts, and a domain of two labels at least.
  email: () => ({ wanted: 'an e-mail address such as ann@example.com', test: isEmail }),
  // ITU-T E.164: the sign, a country code and 15 digits at most.
  e164_phone: () => regular(/\+[1-9]\d{6,14}/, 'a phone number in E.164 such as +14155550123'),
  // As WHATWG URLs are parsed, but written out: with an authority, and without white space.
  url: () => ({ wanted: 'a URL such as https://example.com/a', test: isUrl }),
  // RFC 9562, of any version.
  uuid: () => regular(/[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}/, 'a UUID'),
  // ISO 8601: a day that there is in the calendar.
  iso_date: () => ({
    wanted: 'a day such as 2024-02-29',
    test: isCalendarDay,
    table: compilePattern(CERTAIN_DAY).table,
  }),
}

function regular(regex: RegExp, wanted: string): Format {
  const { test, table } = compilePattern(regex)
  return { wanted, test, table }
}

function isEmail(text: string): boolean {
  const at = text.lastIndexOf('@')
  return text.length <= 254 && at <= 64 && EMAIL.test(text)
}

function isUrl(text: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\/[^\s/?#][^\s]*$/i.test(text) && URL.canParse(text)
}

/** Days that every year has. */
const CERTAIN_DAY =
  /\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)/
const ATOM = "[\\w!#$%&'*+/=?^`{|}~-]+"
const LABEL = '[a-zA-Z\\d](?:[a-zA-Z\\d-]{0,61}[a-zA-Z\\d])?'
const EMAIL = new RegExp(`^${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+[a-zA-Z][a-zA-Z\\d-]{0,61}[a-zA-Z\\d]$`)
