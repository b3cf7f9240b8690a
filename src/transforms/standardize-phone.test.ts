import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
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
import { SluiceError } from '../errors.ts'
import { checkSpanKernel, outcome } from '../records/kernels/span-kernel.contract.ts'
import { standardizePhone } from './standardize-phone.ts'

const us = standardizePhone({ defaultCountry: 'US' })
const COUNTRIES = getCountries()

describe('standardizePhone', () => {
  it('makes null of null, nothing and blanks', () => {
    for (const blank of [null, '', '  ', '\t', '\u00a0\u200b\ufeff']) assert.equal(us(blank), null)
  })

  const good: [string | undefined, string, string][] = [
    ['US', '(274) 748-1542', '+12747481542'],
    ['US', '628-271-3943', '+16282713943'],
    ['US', '628.271.3943', '+16282713943'],
    ['US', '1 628 271 3943', '+16282713943'],
    ['US', '+1 (628) 271-3943', '+16282713943'],
    ['US', '011 44 20 7946 0958', '+442079460958'],
    ['US', '\u202a+16282713943\u202c', '+16282713943'],
    ['CA', '604 555 0123', '+16045550123'],
    ['GB', '020 7946 0958', '+442079460958'],
    ['GB', '+44 (0)20 7946 0958', '+442079460958'],
    ['GB', '0049 89 1234567', '+49891234567'],
    ['DE', '089/123456-7', '+49891234567'],
    ['FR', '01 23 45 67 89', '+33123456789'],
    ['IT', '06 1234 5678', '+390612345678'],
    ['IN', '98765 43210', '+919876543210'],
    ['IN', '09876543210', '+919876543210'],
    ['RU', '8 (912) 345-67-89', '+79123456789'],
    [undefined, '+49 89 1234567', '+49891234567'],
    [undefined, '\uff0b49 89 1234567', '+49891234567'],
    [undefined, '\uff0b\uff14\uff19 89 1234567', '+49891234567'],
    [undefined, 'tel:+49-89-1234567', '+49891234567'],
    [undefined, 'TEL: +49-89-1234567', '+49891234567'],
  ]
  for (const [country, from, to] of good) {
    it(`understands ${from} in ${country}`, () => {
      assert.equal(standardizePhone(country === undefined ? {} : { defaultCountry: country })(from), to)
    })
  }

  const bad: [string | undefined, string, string][] = [
    [undefined, '628-271-3943', 'INVALID_COUNTRY'],
    [undefined, '0049 89 1234567', 'INVALID_COUNTRY'],
    ['US', '+999 1234567', 'INVALID_COUNTRY'],
    ['US', '123', 'TOO_SHORT'],
    ['US', '628-271-39430', 'TOO_LONG'],
    ['US', '9'.repeat(300), 'TOO_LONG'],
    ['DE', '+49 1234567890123456', 'TOO_LONG'],
    ['GB', '12345678', 'INVALID_LENGTH'],
    ['US', 'call 628-271-3943', 'NOT_A_NUMBER'],
    ['US', '628-271-3943 or so', 'NOT_A_NUMBER'],
    ['US', '1-800-FLOWERS', 'NOT_A_NUMBER'],
    ['US', 'n/a', 'NOT_A_NUMBER'],
    ['US', 'tel:7042;phone-context=example.com', 'NOT_A_NUMBER'],
    ['US', '4.42E+11', 'number-mangled'],
    ['US', '4,42079E+11', 'number-mangled'],
    ['DE', '1711234567.0', 'number-mangled'],
    ['US', '-6282713943', 'number-mangled'],
    ['US', '628-271-3943 ext. 12', 'has-extension'],
    ['US', '628-271-3943x12', 'has-extension'],
    ['US', 'tel:+1-628-271-3943;ext=12', 'has-extension'],
  ]
  for (const [country, value, code] of bad) {
    it(`rejects ${value.slice(0, 40)} in ${country} as ${code}`, () => {
      const options = country === undefined ? {} : { defaultCountry: country }
      for (let i = 0; i < 3; i++) assert.equal(outcome(standardizePhone(options), value), `[${code}]`)
      assert.equal(standardizePhone({ ...options, onInvalid: 'keep' })(value), value)
      assert.equal(standardizePhone({ ...options, onInvalid: 'null' })(value), null)
    })
  }

  it('says what is wrong without saying the value', () => {
    assert.throws(() => us('628-271'), { message: 'not a phone number: too few digits for a number of this country' })
  })

  it('drops an extension on demand', () => {
    const drop = standardizePhone({ defaultCountry: 'US', onExtension: 'drop' })
    assert.equal(drop('628-271-3943 ext. 12'), '+16282713943')
  })

  it('refuses an unknown default country when the job is made', () => {
    for (const defaultCountry of ['uk', 'us', 'UK', '', 'U', '.*', '001', 'constructor']) {
      assert.throws(
        () => standardizePhone({ defaultCountry }),
        (error) => error instanceof SluiceError && error.code === 'job-invalid' && /"GB"/.test(error.message),
      )
    }
    for (const defaultCountry of COUNTRIES) standardizePhone({ defaultCountry })
  })

  it('does not load the library for plain numbers', () => {
    const script = `
      import { standardizePhone } from './standardize-phone.ts'
      import { createRequire } from 'node:module'
      const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((file) => file.includes('libphonenumber'))
      const convert = standardizePhone({ defaultCountry: 'US' })
      for (const plain of ['(274) 748-1542', '+44 20 7946 0958', '']) convert(plain)
      const before = loaded()
      convert('+44 (0)20 7946 0958')
      console.log(before, loaded())`
    const parameters = ['--import', 'tsx', '--input-type=module-typescript', '-e', script]
    const output = execFileSync(process.execPath, parameters, { cwd: import.meta.dirname, encoding: 'utf8' })
    assert.equal(output.trim(), 'false true')
  })
})

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
      for (const number of ['(628) 271-3943', '+49 89 1234567']) {
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
