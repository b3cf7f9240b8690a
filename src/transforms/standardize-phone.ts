import { createRequire } from 'node:module'
import type * as Library from 'libphonenumber-js'
import type { CountryCode, PhoneNumber } from 'libphonenumber-js'
import { checkOptions, type OptionChecks, oneOf } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import { type ColumnFunction, isRejection, reject, type SpanKernel } from '../records/column-function.ts'
import { LONGEST, plainPhone } from '../records/kernels/javascript/standardize-phone.ts'
import { phoneTable } from './phone-plans.ts'

export interface StandardizePhoneOptions {
  /**
   * ISO 3166-1 alpha-2 code of the country whose national numbers are understood. Without it only international numbers
   * are: no country is assumed silently.
   */
  readonly defaultCountry?: string
  /**
   * What becomes of a value that is no possible number: `reject` (default) rejects the row with a code of
   * libphonenumber-js, `null` empties the cell, `keep` leaves it as it was.
   */
  readonly onInvalid?: 'reject' | 'null' | 'keep'
  /**
   * What becomes of an extension, which E.164 cannot carry: `reject` (default) counts the value as invalid, with the
   * code `has-extension`, so that it is not lost unnoticed; `drop` drops it.
   */
  readonly onExtension?: 'reject' | 'drop'
}

/**
 * Makes a function that brings a phone number into E.164: `+` and at most 15 digits. The whole value must be a number
 * of a possible length (`isPossible` of libphonenumber-js): with `+`, a full-width plus, `tel:` or the default
 * country's prefix of international calls it says its country, else it is one of the default country. Blank values
 * become null. Codes of rejections: `NOT_A_NUMBER`, `INVALID_COUNTRY`, `TOO_SHORT`, `TOO_LONG`, `INVALID_LENGTH`,
 * `INVALID_NUMBER` (the result would be read differently again), `number-mangled` (a spreadsheet made a quantity of it)
 * and `has-extension`. Applying the function twice changes nothing more.
 */
export function standardizePhone(options: StandardizePhoneOptions = {}): ColumnFunction<string | null, string | null> {
  checkOptions<StandardizePhoneOptions>('standardizePhone', options, OPTIONS)
  const { defaultCountry, onInvalid = 'reject', onExtension = 'reject' } = options
  const table = phoneTable(defaultCountry) ?? unknownCountry(defaultCountry)
  const plain = plainReader(table)
  const decide = (text: string): string => plain(text) ?? standardize(text, defaultCountry, onExtension, plain)
  const convert = (value: string | null): string | null => {
    const text = value === null ? '' : trim(value)
    if (text === '') return null
    if (onInvalid === 'reject') return decide(text)
    try {
      return decide(text)
    } catch (error) {
      if (!isRejection(error)) throw error
      return onInvalid === 'keep' ? value : null
    }
  }
  return Object.assign(convert, { kernel: kernelOf(table) })
}

const OPTIONS: OptionChecks<StandardizePhoneOptions> = {
  defaultCountry: { wanted: 'an ISO 3166-1 alpha-2 code such as "GB"', accepts: (value) => typeof value === 'string' },
  onInvalid: oneOf('reject', 'null', 'keep'),
  onExtension: oneOf('reject', 'drop'),
}

function unknownCountry(country: string | undefined): never {
  throw new SluiceError(
    'job-invalid',
    `standardizePhone: unknown defaultCountry ${JSON.stringify(country)}; give an ISO 3166-1 alpha-2 code in upper case, such as "GB"`,
  )
}

function kernelOf(table: Uint8Array): SpanKernel {
  return {
    table,
    // The calling code and its plus may come on top of each cell.
    capacity: (inputBytes, rows) => inputBytes + 4 * rows,
    run: (kernels, { spans, stride, rows, live, out, arena, slow, table: at }) =>
      kernels.standardizePhone(spans, stride, rows, live, out, arena, slow, at),
  }
}

/** The fast path on strings: undefined for what is not plain. */
function plainReader(table: Uint8Array): (text: string) => string | undefined {
  const start = table.length
  const out = start + LONGEST
  const bytes = Buffer.alloc(out + 64)
  bytes.set(table)
  return (text) => {
    if (text.length > LONGEST) return undefined
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i)
      if (code > 127) return undefined
      bytes[start + i] = code
    }
    const length = plainPhone({ bytes, start, end: start + text.length, table: 0, out })
    return length === 0 ? undefined : bytes.toString('latin1', out, out + length)
  }
}

const INVISIBLE = '[\\s\\u00ad\\u180e\\u200b-\\u200f\\u2060\\u202a-\\u202e\\u2066-\\u2069]'
const LEADING = new RegExp(`^${INVISIBLE}+`)
const INVISIBLE_ONE = new RegExp(`^${INVISIBLE}$`)

/** White space, NBSP and BOM among it, and what nobody sees: spreadsheets put direction marks around numbers. */
function trim(text: string): string {
  let end = text.length
  while (end > 0 && INVISIBLE_ONE.test(text[end - 1]!)) end--
  return text.slice(0, end).replace(LEADING, '')
}

/** `4.42E+11`, `4155552671.0` and `-1234` (`+1-415-…` taken for a formula) are quantities that a spreadsheet made. */
const QUANTITY = /^(?:[+-]?\d+(?:[.,]\d+)?e[+-]?\d+|\+?\d+\.\d{1,2}|-\d+(?:\.\d+)?)$/i

function standardize(
  value: string,
  country: string | undefined,
  onExtension: 'reject' | 'drop',
  plain: (text: string) => string | undefined,
): string {
  if (QUANTITY.test(value)) throw reject('number-mangled', 'a spreadsheet turned the phone number into a quantity')
  // The library knows neither the scheme (unless it finds numbers in text) nor the full-width plus.
  const text = trim(value.replace(/^tel:/i, '')).replace(/^\uff0b/, '+')
  const number = parse(text, country)
  if (number.ext !== undefined && onExtension === 'reject') {
    throw reject('has-extension', 'E.164 cannot carry the extension; split it off or set onExtension: "drop"')
  }
  const standard = possible(number)
  // Reading its own result, the library may find a national prefix once more, or a country of other lengths.
  return plain(standard) === standard || isStable(standard) ? standard : invalid('INVALID_NUMBER')
}

function parse(text: string, country: string | undefined): PhoneNumber {
  // The library answers alternately for one and the same phone-context: it tests it by regular expressions with state.
  if (text.includes(';phone-context=')) return invalid('NOT_A_NUMBER')
  const { parsePhoneNumberWithError, ParseError } = library()
  try {
    const options = { extract: false, ...(country !== undefined && { defaultCountry: country as CountryCode }) }
    return parsePhoneNumberWithError(text, options)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return invalid(error.message)
  }
}

function isStable(standard: string): boolean {
  const number = library().parsePhoneNumberFromString(standard, { extract: false })
  return number?.number === standard && number.isPossible()
}

function possible(number: PhoneNumber): string {
  if (number.number.length > 16) return invalid('TOO_LONG')
  return number.isPossible() ? number.number : invalid(lengthFault(number))
}

function lengthFault({ country, countryCallingCode, nationalNumber }: PhoneNumber): string {
  const { Metadata } = library()
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country ?? (countryCallingCode as string as CountryCode))
  const lengths = metadata.numberingPlan?.possibleLengths() ?? []
  if (nationalNumber.length < Math.min(...lengths)) return 'TOO_SHORT'
  return nationalNumber.length > Math.max(...lengths) ? 'TOO_LONG' : 'INVALID_LENGTH'
}

const MEANINGS: Record<string, string> = {
  NOT_A_NUMBER: 'the value as a whole is not a phone number',
  INVALID_COUNTRY: 'no country: the number has no known calling code, and no defaultCountry is set',
  TOO_SHORT: 'too few digits for a number of this country',
  TOO_LONG: 'too many digits for a number of this country',
  INVALID_LENGTH: 'no number of this country has so many digits',
  INVALID_NUMBER: 'the number can be read in two ways',
}

function invalid(code: string): never {
  throw reject(code, `not a phone number: ${MEANINGS[code] ?? code}`)
}

let loaded: typeof Library | undefined

/** Loaded when the first cell needs it: that costs 42 ms and 8 MB, and many columns never do. */
function library(): typeof Library {
  loaded ??= createRequire(import.meta.url)('libphonenumber-js/min') as typeof Library
  return loaded
}
