import { createRequire } from 'node:module'
import type * as Library from 'libphonenumber-js'
import type { CountryCode, PhoneNumber } from 'libphonenumber-js'
import { isRejection, reject } from '../records/column-function.ts'

export interface ParsePhoneOptions {
  readonly country: string | undefined
  readonly onExtension: 'reject' | 'drop'
  readonly strict: boolean
  readonly vanity: boolean
  /** The fast path: what it makes of its own result needs no second look. */
  readonly plain: (text: string) => string | undefined
}

/** A phone number in E.164 by libphonenumber-js. Throws a rejection. */
export function parsePhone(value: string, options: ParsePhoneOptions): string {
  const { country, onExtension, strict, vanity, plain } = options
  if (QUANTITY.test(value)) throw reject('number-mangled', 'a spreadsheet turned the phone number into a quantity')
  // The library knows neither the scheme (unless it finds numbers in text) nor the full-width plus.
  const text = trimPhone(value.replace(/^tel:/i, '')).replace(/^\uff0b/, '+')
  const lib = library(strict)
  const number = vanity ? parseVanity(text, country, lib) : parse(text, country, lib)
  if (number.ext !== undefined && onExtension === 'reject') {
    throw reject('has-extension', 'E.164 cannot carry the extension; split it off or set onExtension: "drop"')
  }
  const standard = possible(number)
  if (strict && !number.isValid())
    throw reject('INVALID_NUMBER', 'not a phone number: its country assigns no such number')
  // Reading its own result, the library may find a national prefix once more, or a country of other lengths.
  return plain(standard) === standard || isStable(standard, lib) ? standard : invalid('INVALID_NUMBER')
}

/** `4.42E+11`, `4155552671.0` and `-1234` (`+1-415-…` taken for a formula) are quantities that a spreadsheet made. */
const QUANTITY = /^(?:[+-]?\d+(?:[.,]\d+)?e[+-]?\d+|\+?\d+\.\d{1,2}|-\d+(?:\.\d+)?)$/i

const INVISIBLE = '[\\s\\u00ad\\u180e\\u200b-\\u200f\\u2060\\u202a-\\u202e\\u2066-\\u2069]'
const LEADING = new RegExp(`^${INVISIBLE}+`)
const INVISIBLE_ONE = new RegExp(`^${INVISIBLE}$`)

/** White space, NBSP and BOM among it, and what nobody sees: spreadsheets put direction marks around numbers. */
export function trimPhone(text: string): string {
  let end = text.length
  while (end > 0 && INVISIBLE_ONE.test(text[end - 1]!)) end--
  return text.slice(0, end).replace(LEADING, '')
}

/** A number with words in it, if it is none without: an extension is no word. */
function parseVanity(text: string, country: string | undefined, lib: typeof Library): PhoneNumber {
  try {
    return parse(text, country, lib)
  } catch (error) {
    if (!isRejection(error) || error.code !== 'NOT_A_NUMBER' || !isVanity(text)) throw error
    return parse(text.replace(/[a-z]/gi, keyOf), country, lib)
  }
}

/** Digits first, then three letters or more; no number is long, and a long text takes long to look at. */
function isVanity(text: string): boolean {
  return text.length <= 40 && VANITY.test(text)
}

const VANITY = /^\+?[\d().\s-]*\d[().\s-]*(?:[a-z][().\s-]*){3}[\da-z().\s-]*$/i

const KEYS = ['ABC', 'DEF', 'GHI', 'JKL', 'MNO', 'PQRS', 'TUV', 'WXYZ']

function keyOf(letter: string): string {
  return String(KEYS.findIndex((letters) => letters.includes(letter.toUpperCase())) + 2)
}

function parse(text: string, country: string | undefined, lib: typeof Library): PhoneNumber {
  // The library answers alternately for one and the same phone-context: it tests it by regular expressions with state.
  if (text.includes(';phone-context=')) return invalid('NOT_A_NUMBER')
  const { parsePhoneNumberWithError, ParseError } = lib
  try {
    const options = { extract: false, ...(country !== undefined && { defaultCountry: country as CountryCode }) }
    return parsePhoneNumberWithError(text, options)
  } catch (error) {
    if (!(error instanceof ParseError)) throw error
    return invalid(error.message)
  }
}

function isStable(standard: string, lib: typeof Library): boolean {
  const number = lib.parsePhoneNumberFromString(standard, { extract: false })
  return number?.number === standard && number.isPossible()
}

function possible(number: PhoneNumber): string {
  if (number.number.length > 16) return invalid('TOO_LONG')
  return number.isPossible() ? number.number : invalid(lengthFault(number))
}

function lengthFault({ country, countryCallingCode, nationalNumber }: PhoneNumber): string {
  // The build with all metadata does not give them out; the lengths are the same.
  const { Metadata } = library(false)
  const metadata = new Metadata()
  metadata.selectNumberingPlan(country ?? (countryCallingCode as string as CountryCode))
  const lengths = metadata.numberingPlan?.possibleLengths() ?? []
  if (nationalNumber.length < Math.min(...lengths)) return 'TOO_SHORT'
  return nationalNumber.length > Math.max(...lengths) ? 'TOO_LONG' : 'INVALID_LENGTH'
}

const MEANINGS: Record<string, string> = {
  NOT_A_NUMBER: 'the value as a whole is not a phone number',
  INVALID_COUNTRY: 'no country: the number has no known calling code, and neither its row nor defaultCountry names one',
  TOO_SHORT: 'too few digits for a number of this country',
  TOO_LONG: 'too many digits for a number of this country',
  INVALID_LENGTH: 'no number of this country has so many digits',
  INVALID_NUMBER: 'the number can be read in two ways',
}

function invalid(code: string): never {
  throw reject(code, `not a phone number: ${MEANINGS[code] ?? code}`)
}

const loaded = new Map<string, typeof Library>()

/** Loaded when the first cell needs it: that costs 42 ms and 8 MB, and many columns never do. */
function library(strict: boolean): typeof Library {
  // To judge what is assigned takes all that is known of each country.
  const name = strict ? 'libphonenumber-js/max' : 'libphonenumber-js/min'
  const known = loaded.get(name) ?? (createRequire(import.meta.url)(name) as typeof Library)
  loaded.set(name, known)
  return known
}
