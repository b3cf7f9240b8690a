import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { describe, it } from 'node:test'
import { getCountries } from 'libphonenumber-js/min'
import { SluiceError } from '../errors.ts'
import { outcome } from '../records/kernels/span-kernel.contract.ts'
import { standardizePhone } from './standardize-phone.ts'

const us = standardizePhone({ defaultCountry: 'US' })

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
    for (const defaultCountry of getCountries()) standardizePhone({ defaultCountry })
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
