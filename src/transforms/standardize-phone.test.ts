import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { getCountries } from 'libphonenumber-js/min'
import { defineJob, readRows, runJob, SluiceError, writeRows } from '../index.ts'
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

  const rows: [string, string | null, string][] = [
    ['020 7946 0958', 'GB', '+442079460958'],
    ['089/123456-7', ' de ', '+49891234567'],
    ['628-271-3943', null, '+16282713943'],
    ['628-271-3943', '', '+16282713943'],
    ['+44 20 7946 0958', 'XX', '+442079460958'],
    ['628-271-3943', 'XX', '[INVALID_COUNTRY]'],
    ['12345678', 'GB', '[INVALID_LENGTH]'],
  ]
  for (const [value, country, expected] of rows) {
    it(`reads ${value} as one of the country ${country} of its row`, () => {
      for (let i = 0; i < 2; i++)
        assert.equal(
          outcome((text) => us(text, country), value),
          expected,
        )
    })
  }

  it('reads the country of a row out of another column', async () => {
    const taken: unknown[] = []
    const save = new Writable({
      objectMode: true,
      write: (row, _encoding, done) => done(void taken.push(row) as never),
    })
    const input = readRows([
      { phone: '020 7946 0958', country: 'GB' },
      { phone: '0912 345 678', country: 'VN' },
    ])
    const job = defineJob({
      name: 'phones',
      extract: input,
      transform: (rows) => rows.withColumn('phone', ['phone', 'country'], standardizePhone()),
      load: writeRows(save),
    })
    const state = mkdtempSync(join(tmpdir(), 'sluice-phones-'))
    await runJob(job, { state })
    rmSync(state, { recursive: true })
    assert.deepEqual(taken, [
      { phone: '+442079460958', country: 'GB' },
      { phone: '+84912345678', country: 'VN' },
    ])
  })

  it('takes only assigned numbers when it is strict, plain ones as well', () => {
    const strict = standardizePhone({ defaultCountry: 'US', strict: true })
    assert.equal(strict.kernel, undefined)
    assert.equal(strict('(628) 271-3943'), '+16282713943')
    assert.equal(us('+1 555 271 3943'), '+15552713943')
    assert.equal(outcome(strict, '+1 555 271 3943'), '[INVALID_NUMBER]')
    assert.equal(outcome(strict, '628-271'), '[TOO_SHORT]')
  })

  it('dials letters on demand, and only in numbers', () => {
    const vanity = standardizePhone({ defaultCountry: 'US', vanity: true })
    assert.equal(vanity('1-800-FLOWERS'), '+18003569377')
    assert.equal(vanity('1 (800) go-fedex'), '+18004633339')
    const others = [
      ['call 628-271-3943', 'NOT_A_NUMBER'],
      ['628-271-3943 ext. 12', 'has-extension'],
      ['n/a', 'NOT_A_NUMBER'],
      ['1-800-FL', 'NOT_A_NUMBER'],
      [`1-800-${'F'.repeat(100)}`, 'NOT_A_NUMBER'],
    ] as const
    for (const [text, code] of others) assert.equal(outcome(vanity, text), `[${code}]`)
  })

  it('says that a number is no text', () => {
    const message = /standardizePhone reads text, not a number; cast the column to string before/
    assert.throws(() => us(6282713943 as never), { name: 'TypeError', message })
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
