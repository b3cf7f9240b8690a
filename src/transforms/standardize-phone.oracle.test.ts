import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  type CountryCode,
  getCountries,
  getExampleNumber,
  ParseError,
  type PhoneNumber,
  parsePhoneNumberWithError,
  validatePhoneNumberLength,
} from 'libphonenumber-js/min'
import examples from 'libphonenumber-js/mobile/examples'
import { checkSpanKernel, outcome } from '../records/kernels/span-kernel.contract.ts'
import { standardizePhone } from './standardize-phone.ts'

const us = standardizePhone({ defaultCountry: 'US' })
const COUNTRIES = getCountries()

/** What the library says about a text, with the additions that `standardizePhone` documents. */
function oracle(value: string, country: CountryCode | undefined): string | null {
  const text = value.trim()
  if (text === '') return null
  if (/^(-\d+(\.\d+)?|\+?\d+\.\d\d?|[+-]?\d+([.,]\d+)?e[+-]?\d+)$/i.test(text)) return '[number-mangled]'
  const number = parse(text, country)
  if (typeof number === 'string') return number
  if (number.ext !== undefined) return '[has-extension]'
  if (number.number.length > 16) return '[TOO_LONG]'
  if (!number.isPossible()) return `[${validatePhoneNumberLength(text, defaulting(country))}]`
  const again = parse(number.number, country)
  const stable = typeof again !== 'string' && again.number === number.number && again.isPossible()
  return stable ? number.number : '[INVALID_NUMBER]'
}

function defaulting(country: CountryCode | undefined): { defaultCountry?: CountryCode } {
  return country === undefined ? {} : { defaultCountry: country }
}

function parse(text: string, country: CountryCode | undefined): PhoneNumber | string {
  try {
    return parsePhoneNumberWithError(text, { ...defaulting(country), extract: false })
  } catch (error) {
    if (error instanceof ParseError) return `[${error.message}]`
    throw error
  }
}

const converters = new Map<CountryCode | undefined, ReturnType<typeof standardizePhone>>()

function converter(country: CountryCode | undefined): ReturnType<typeof standardizePhone> {
  const known = converters.get(country) ?? standardizePhone(defaulting(country))
  converters.set(country, known)
  return known
}

/** The function equals the library, and both kernels equal the function. Returns how many cells the kernels decided. */
function check(country: CountryCode | undefined, texts: readonly string[]): number {
  const convert = converter(country)
  for (const text of texts) {
    const result = outcome(convert, text)
    assert.equal(result, oracle(text, country), `${JSON.stringify(text)} in ${country}`)
    if (typeof result === 'string' && !result.startsWith('[')) assert.equal(convert(result), result)
  }
  return checkSpanKernel(
    convert,
    texts.map((text) => ({ text })),
  )
}

describe('the fast paths of standardizePhone', () => {
  it('equal libphonenumber-js on the example of every country in every format', () => {
    let decided = 0
    let cells = 0
    for (const country of COUNTRIES) {
      const texts = formats(getExampleNumber(country, examples)!, '')
      for (const assumed of [country, undefined, 'US', 'DE'] as const) decided += check(assumed, texts)
      cells += texts.length * 4
    }
    assert.ok(decided > cells / 3, `${decided} of ${cells} decided`)
  })

  it('equal libphonenumber-js on numbers of every country, length and first digits', () => {
    const random = createHash('sha256')
    const digits = (count: number) =>
      random
        .update('.')
        .copy()
        .digest()
        .subarray(0, count)
        .toString('hex')
        .replace(/./g, (hex) => String(Number.parseInt(hex, 16) % 10))
        .slice(0, count)
    for (const country of COUNTRIES) {
      const code = getExampleNumber(country, examples)!.countryCallingCode
      const texts = Array.from({ length: 100 }, (_, two) =>
        [0, 3, 5, 6, 7, 8, 9, 10, 11, 12].map((more) => String(two).padStart(2, '0') + digits(more)),
      ).flat()
      check(country, [
        ...texts.filter((_, i) => i % 2 === two(country)),
        ...texts.filter((_, i) => i % 9 === 0).map((text) => `+${code}${text}`),
      ])
    }
  })

  it('equal libphonenumber-js on realistic and hostile texts', () => {
    let cells = 0
    fc.assert(
      fc.property(
        fc.constantFrom(undefined, 'US' as const, ...COUNTRIES),
        fc.array(text, { minLength: 40, maxLength: 60 }),
        (country, texts) => {
          cells += texts.length
          check(country, texts)
        },
      ),
      { numRuns: 500 },
    )
    assert.ok(cells >= 10_000)
  })

  it('equal libphonenumber-js on every count of digits and every byte at every place', () => {
    for (const country of ['US', 'DE', 'AT', 'GB', undefined] as const) {
      const counts = Array.from({ length: 48 }, (_, count) =>
        ['', '+49', '+1', '0', '00', '011'].map((prefix) => prefix + '6'.repeat(count)),
      )
      check(country, counts.flat())
      const bytes = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
      for (const number of ['(628) 271-3943', '+49 89 1234567', '+49 (89) 123 - 456 - 78']) {
        check(
          country,
          Array.from(number, (_, i) => bytes.map((byte) => number.slice(0, i) + byte + number.slice(i))).flat(),
        )
      }
    }
  })

  it('leave rows that are gone and escaped cells alone', () => {
    const cells = ['(274) 748-1542', '2747481542', ''].flatMap((text) => [
      { text },
      { text, gone: true },
      { text, escaped: text !== '' },
    ])
    assert.equal(checkSpanKernel(us, cells), 4)
  })
})

/** 0 or 1, so that every other number is tried with each country. */
function two(country: string): number {
  return country.charCodeAt(1) % 2
}

function formats(number: PhoneNumber, separator: string): string[] {
  const { countryCallingCode: code, nationalNumber } = number
  return [
    number.formatNational(),
    number.formatInternational(),
    number.number,
    nationalNumber,
    `0${nationalNumber}`,
    `${code}${nationalNumber}`,
    `00${separator}${code}${separator}${nationalNumber}`,
    `011${separator}${code}${nationalNumber}`,
    `+${code}${separator}(0)${nationalNumber}`,
    ` (${number.formatNational()}) `,
  ]
}

const separator = fc.constantFrom('', '', ' ', '-', '.', '/', '  ', ' - ', ') ', ' (', '\u00a0', '\u2013')
const realistic = fc
  .tuple(fc.constantFrom(...COUNTRIES), fc.array(fc.nat(9), { minLength: 0, maxLength: 6 }), separator, fc.nat(9))
  .map(([country, tail, between, format]) => {
    const number = getExampleNumber(country, examples)!
    const { nationalNumber } = number
    number.nationalNumber = (nationalNumber.slice(0, nationalNumber.length - tail.length) +
      tail.join('')) as typeof nationalNumber
    return formats(number, between)[format]!
  })
const spaced = fc
  .tuple(
    fc.constantFrom('', '+', '00', '0', '+1', '1', '+44', '+49'),
    fc.array(fc.tuple(fc.nat(9), separator), { maxLength: 16 }),
  )
  .map(([prefix, digits]) => prefix + digits.map(([digit, mark]) => digit + mark).join(''))
const hostile = fc
  .array(
    fc.constantFrom(
      ...'0123456789',
      ...'+-()./[]~,;#x *e',
      '00',
      '+1',
      ' ext ',
      '.0',
      '\uff0b',
      '\uff11',
      '\u0663',
      '\u200b',
      'é',
      '\t',
    ),
    {
      maxLength: 18,
    },
  )
  .map((pieces) => pieces.join(''))
  // What the library itself misreads is tested above.
  .filter((value) => !/\uff0b|^[\s\u200b]*\u200b|\u200b[\s\u200b]*$/.test(value))
const text = fc.oneof({ arbitrary: realistic, weight: 3 }, spaced, hostile)
