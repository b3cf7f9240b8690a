import { BOOLEAN, checkOptions, type OptionChecks, oneOf } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import { isRejection, type SpanKernel } from '../records/column-function.ts'
import { STRING } from '../records/data-type.ts'
import { LONGEST, plainPhone } from '../records/kernels/javascript/standardize-phone.ts'
import { parsePhone, trimPhone } from './parse-phone.ts'
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
  /**
   * Only numbers that their country assigns (`isValid` of libphonenumber-js, by its largest metadata): others are
   * `INVALID_NUMBER`. Slower, and new prefixes are refused until the library knows them. Default false.
   */
  readonly strict?: boolean
  /** Letters stand for digits as on the keys of a telephone: `1-800-FLOWERS`. Default false. */
  readonly vanity?: boolean
}

/**
 * Standardises a phone number; `country`, where a row says it, comes before the default country:
 * `withColumn('phone', ['phone', 'country'], standardizePhone())`.
 */
export type PhoneFunction = ((value: string | null, country?: string | null) => string | null) & {
  readonly kernel?: SpanKernel
}

/**
 * Makes a function that brings a phone number into E.164: `+` and at most 15 digits. The whole value must be a number
 * of a possible length (`isPossible` of libphonenumber-js): with `+`, a full-width plus, `tel:` or the country's prefix
 * of international calls it says its country, else it is one of the country of its row, or of the default country.
 * Blank values become null. Codes of rejections: `NOT_A_NUMBER`, `INVALID_COUNTRY`, `TOO_SHORT`, `TOO_LONG`,
 * `INVALID_LENGTH`, `INVALID_NUMBER` (the result would be read differently again, or is not assigned), `number-mangled`
 * (a spreadsheet made a quantity of it) and `has-extension`. Applying the function twice changes nothing more.
 */
export function standardizePhone(options: StandardizePhoneOptions = {}): PhoneFunction {
  checkOptions<StandardizePhoneOptions>('standardizePhone', options, OPTIONS)
  const { defaultCountry, onInvalid = 'reject', strict = false } = options
  const table = phoneTable(defaultCountry) ?? unknownCountry(defaultCountry)
  const byDefault = reader(table, defaultCountry, options)
  const readers = new Map<string, Reader>()
  const readerOf = (country: string): Reader => {
    const name = country.trim().toUpperCase()
    if (name === '') return byDefault
    const known = readers.get(name)
    if (known !== undefined) return known
    const own = phoneTable(name)
    // Not the default country: that a row names another one, even a wrong one, is no reason to assume it.
    if (own === undefined) return nowhere
    const made = reader(own, name, options)
    readers.set(name, made)
    return made
  }
  const nowhere = reader(phoneTable() as Uint8Array, undefined, options)
  const convert = (value: string | null, country?: string | null): string | null => {
    const text = trimPhone(textOf(value))
    if (text === '') return null
    const decide = typeof country === 'string' ? readerOf(country) : byDefault
    if (onInvalid === 'reject') return decide(text)
    try {
      return decide(text)
    } catch (error) {
      if (!isRejection(error)) throw error
      return onInvalid === 'keep' ? value : null
    }
  }
  const description = { name: 'standardizePhone', ...options }
  return Object.assign(convert, { description, returns: STRING }, strict ? {} : { kernel: kernelOf(table) })
}

/** Numbers are no phone numbers: a leading zero or plus is lost in them. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  throw new TypeError(`standardizePhone reads text, not a ${typeof value}; cast the column to string before`)
}

type Reader = (text: string) => string

/** Understands national numbers of one country. */
function reader(table: Uint8Array, country: string | undefined, options: StandardizePhoneOptions): Reader {
  const { onExtension = 'reject', strict = false, vanity = false } = options
  const plain = plainReader(table)
  const slow = { country, onExtension, strict, vanity, plain }
  return strict ? (text) => parsePhone(text, slow) : (text) => plain(text) ?? parsePhone(text, slow)
}

const OPTIONS: OptionChecks<StandardizePhoneOptions> = {
  defaultCountry: { wanted: 'an ISO 3166-1 alpha-2 code such as "GB"', accepts: (value) => typeof value === 'string' },
  onInvalid: oneOf('reject', 'null', 'keep'),
  onExtension: oneOf('reject', 'drop'),
  strict: BOOLEAN,
  vanity: BOOLEAN,
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
