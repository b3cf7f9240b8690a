import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { isRejection } from '../records/column-function.ts'
import { checkSpanKernel, outcome } from '../records/kernels/span-kernel.contract.ts'
import { cleanEmail } from './clean-email.ts'

const clean = cleanEmail()

describe('cleanEmail', () => {
  it('says that a number is no text', () => {
    const message = /cleanEmail reads text, not a number; cast the column to string before/
    assert.throws(() => cleanEmail()(5 as never), { name: 'TypeError', message })
  })

  it('makes null of null, nothing and blanks', () => {
    for (const blank of [null, '', '  ', '\t', '\u00a0\u200b\ufeff']) assert.equal(clean(blank), null)
  })

  const good: [string, string][] = [
    ['Frank.Garcia0@Example25.COM', 'frank.garcia0@example25.com'],
    ['  ivy@example.com\t', 'ivy@example.com'],
    ['\u00a0\ufeff\u200bivy@example.com\u200b\u00ad', 'ivy@example.com'],
    ['mailto:Ivy@example.com', 'ivy@example.com'],
    ['MAILTO: <ivy@example.com>', 'ivy@example.com'],
    ['<mailto:ivy@example.com>;', 'ivy@example.com'],
    ['<ivy@example.com>', 'ivy@example.com'],
    ['ivy@example.com.,; ', 'ivy@example.com'],
    ['first.last+tag@gmail.com', 'first.last+tag@gmail.com'],
    ['ivy@googlemail.com', 'ivy@googlemail.com'],
    ['ivy@gmial.com', 'ivy@gmial.com'],
    ['"Ivy @ home"@example.com', '"ivy @ home"@example.com'],
    ["o'brien!#$%&*/=?^_`{|}~-@example.com", "o'brien!#$%&*/=?^_`{|}~-@example.com"],
    ['ivy@MÜNCHEN.de', 'ivy@xn--mnchen-3ya.de'],
    ['ivy@例え.テスト', 'ivy@xn--r8jz45g.xn--zckzah'],
    ['ivy@example。com', 'ivy@example.com'],
    ['JOSE\u0301@example.com', 'josé@example.com'],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    [`ivy@${'a'.repeat(63)}.com`, `ivy@${'a'.repeat(63)}.com`],
  ]
  for (const [from, to] of good) it(`cleans ${JSON.stringify(from)}`, () => assert.equal(clean(from), to))

  const bad: [string, string][] = [
    ['ivy', 'no @'],
    ['ivy@a@example.com', 'more than one @'],
    ['@example.com', 'nothing before the @'],
    ['ivy@', 'nothing after the @'],
    ['ivy@localhost', 'no dot after the @'],
    ['.ivy@example.com', 'a dot too many before the @'],
    ['i..vy@example.com', 'a dot too many before the @'],
    ['ivy.@example.com', 'a dot too many before the @'],
    ['ivy@example..com', 'a dot too many after the @'],
    ['ivy@.example.com', 'a dot too many after the @'],
    ['i vy@example.com', 'a character before the @ that is not allowed'],
    ['i\u200bvy@example.com', 'a character before the @ that is not allowed'],
    ['Ivy <ivy@example.com>', 'a character before the @ that is not allowed'],
    ['<<ivy@example.com>>', 'a character before the @ that is not allowed'],
    ['"ivy@example.com', 'a quote is not closed'],
    ['"i"vy@example.com', 'a wrong quoted part before the @'],
    ['ivy@-example.com', 'a domain that cannot be'],
    ['ivy@example-.com', 'a domain that cannot be'],
    ['ivy@exa_mple.com', 'a domain that cannot be'],
    ['ivy@example.com/x', 'a domain that cannot be'],
    ['ivy@[192.168.0.1]', 'a domain that cannot be'],
    ['ivy@192.168.0.1', 'a top-level domain that cannot be'],
    ['ivy@example.c', 'a top-level domain that cannot be'],
    [`${'a'.repeat(65)}@example.com`, 'more than 64 bytes before the @'],
    [`${'é'.repeat(33)}@example.com`, 'more than 64 bytes before the @'],
    [`ivy@${'a'.repeat(64)}.com`, 'a domain that cannot be'],
    [`ivy@${'a.'.repeat(125)}com`, 'longer than 254 bytes'],
  ]
  for (const [value, reason] of bad) {
    it(`rejects ${JSON.stringify(value.slice(0, 30))}: ${reason}`, () => {
      assert.throws(
        () => clean(value),
        (error) =>
          isRejection(error) &&
          error.code === 'invalid-email' &&
          error.message === `not an e-mail address: ${reason}` &&
          !error.message.includes(value),
      )
    })
  }

  it('keeps or empties an invalid value on demand', () => {
    assert.equal(cleanEmail({ onInvalid: 'keep' })(' No Address '), ' No Address ')
    assert.equal(cleanEmail({ onInvalid: 'null' })(' No Address '), null)
  })

  it('keeps the case of the local part on demand', () => {
    assert.equal(cleanEmail({ preserveLocalCase: true })(' Ivy@Example.COM'), 'Ivy@example.com')
    assert.equal(cleanEmail({ preserveLocalCase: true }).kernel, undefined)
  })

  it('takes linear time on white space', () => {
    assert.equal(outcome(clean, `a${' '.repeat(200_000)}b@example.com`), '[invalid-email]')
  })

  it('changes nothing when applied again', () => {
    for (const onInvalid of ['reject', 'null', 'keep'] as const) {
      for (const preserveLocalCase of [false, true]) {
        const once = cleanEmail({ onInvalid, preserveLocalCase })
        fc.assert(
          fc.property(hostile, (value) => {
            const result = outcome(once, value)
            if (result !== '[invalid-email]') assert.equal(once(result as string | null), result)
          }),
          { numRuns: 3000 },
        )
      }
    }
  })
})

describe('the kernel cleanEmail', () => {
  it('decides plain addresses itself', () => {
    const texts = ['Frank.Garcia0@Example25.com', ' ivy_%+-9@a-b.example.org ', '', ' \t', `${'a'.repeat(58)}@ab.de`]
    assert.equal(
      checkSpanKernel(
        clean,
        texts.map((text) => ({ text })),
      ),
      texts.length,
    )
  })

  it('agrees with its twin and with the function', () => {
    const cell = fc.record({
      text: fc.oneof(hostile, plain),
      escaped: fc.boolean(),
      gone: fc.boolean(),
    })
    fc.assert(
      fc.property(fc.array(cell, { maxLength: 40 }), (cells) => {
        checkSpanKernel(clean, cells)
        checkSpanKernel(
          cleanEmail({ onInvalid: 'null' }),
          cells.map(({ text }) => ({ text })),
        )
      }),
      { numRuns: 1000 },
    )
  })

  it('agrees on every place of every byte', () => {
    const bytes = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code))
    for (const address of ['ab@cd.ef', 'first.last@example-domain.com', ' x@yz.co.uk ']) {
      const cells = Array.from(address, (_, i) =>
        bytes.flatMap((byte) => [
          { text: address.slice(0, i) + byte + address.slice(i + 1) },
          { text: address.slice(0, i) + byte + address.slice(i) },
        ]),
      ).flat()
      checkSpanKernel(clean, cells)
    }
  })
})

const piece = fc.constantFrom(
  ...[
    'a',
    'Z',
    '9',
    '.',
    '.',
    '-',
    '_',
    '+',
    '%',
    '@',
    '@',
    ' ',
    '\t',
    '\u00a0',
    '\u200b',
    '\ufeff',
    '<',
    '>',
    '"',
    '\\',
  ],
  ...[
    'mailto:',
    ';',
    ',',
    "'",
    '/',
    ':',
    '\u0130',
    '\u0301',
    'é',
    'ß',
    'Σ',
    '。',
    '@example.com',
    '.co',
    'xn--',
    '\ud800',
    '😀',
  ],
)
const hostile = fc.oneof(
  fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join('')),
  fc
    .tuple(fc.array(piece, { maxLength: 6 }), fc.array(piece, { maxLength: 4 }))
    .map(([a, b]) => `${a.join('')}x@y${b.join('')}.com`),
  fc.string({ unit: 'binary', maxLength: 30 }).map((text) => `${text}@example.com`),
)
const word = (characters: string, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...characters), minLength: 1, maxLength })
const plain = fc
  .tuple(
    word('aZ0._%+-', 40),
    word('aZ0-.', 40),
    word('aZ0', 4),
    word(' \t\u00a0\u2003\u200b\u202f\u2060\u3000\ufeff', 3),
  )
  .map(([local, domain, top, blank]) => `${blank}${local}@${domain}.${top}${blank}`)
