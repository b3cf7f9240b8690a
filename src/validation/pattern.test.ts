import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { IMPLEMENTATIONS, type TestCell, TestColumn } from '../records/kernels/span-kernel.contract.ts'
import { compilePattern } from './pattern.ts'

const EMAIL = /^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$/

describe('compilePattern', () => {
  it('matches the whole value', () => {
    assert.equal(compilePattern(/a|b/).test('b'), true)
    assert.equal(compilePattern(/a|b/).test('ab'), false)
    assert.equal(compilePattern(/a/).test('a\n'), false)
    assert.equal(compilePattern(/a(?=.)|b/).test('xb'), false)
  })

  it('matches the whole value with the flag m, too', () => {
    assert.equal(compilePattern(/^a$/m).test('a'), true)
    assert.equal(compilePattern(/^a$/m).test('a\nb'), false)
    assert.equal(compilePattern(/a$[\s\S]^b/m).test('a\nb'), true)
  })

  it('searches on demand', () => {
    const { test, table } = compilePattern(/\d{2}/, { match: 'search' })
    assert.ok(table)
    assert.equal(test('a\n12b'), true)
    assert.equal(test('1a2'), false)
    assert.equal(compilePattern(/^a|b$/, { match: 'search' }).test('ac'), true)
    assert.equal(compilePattern(/^a|b$/, { match: 'search' }).test('ba'), false)
  })

  it('drops the flags g and y, which would remember where to go on', () => {
    for (const regex of [/a/g, /a/y, /a(?!b)/gy, /é/g]) {
      const { test } = compilePattern(regex)
      assert.deepEqual([test('a'), test('a'), test('é'), test('é')], [test('a'), test('a'), test('é'), test('é')])
    }
  })

  it('keeps the other flags', () => {
    assert.equal(compilePattern(/[a-c]É/i).test('Bé'), true)
    assert.equal(compilePattern(/a.b/s).test('a\nb'), true)
    assert.equal(compilePattern(/\p{Lu}/u).test('É'), true)
  })

  it('compiles the reference e-mail pattern to few states', () => {
    const { table } = compilePattern(EMAIL)
    assert.ok(new DataView(table!.buffer).getUint32(0, true) <= 16)
  })

  const unsupported = [/a(?=b)/, /a(?!b)/, /(?<=a)b/, /(a)\1/, /\bword\b/, /\p{L}/u, /^a$/m, /[a]/v, /k/iu, /a{1,1000}/]
  for (const regex of [...unsupported, /(?:a{200}){200}/, /(?:a|b)*a(?:a|b){12}/]) {
    it(`leaves ${regex} to the engine`, () => assert.equal(compilePattern(regex).table, undefined))
  }

  it('fails what is too long for the engine', () => {
    const { test } = compilePattern(/(?!b)a*/, { maxLength: 10 })
    assert.equal(test('a'.repeat(10)), true)
    assert.equal(test('a'.repeat(11)), false)
    assert.equal(compilePattern(/(?!b)a*/).test('a'.repeat(4097)), false)
  })

  it('takes linear time where the engine would not come back', () => {
    assert.equal(compilePattern(/(a+)+b/).test('a'.repeat(100_000)), false)
  })

  it('knows every escape and class', () => {
    const regexes = [
      /[\d\-x]/,
      /[^\w\s]/,
      /[\]\\^-]/,
      /[a-]/,
      /[-a]/,
      ...['[]', '[^]'].map((source) => new RegExp(source)),
      /\x41|\u0042|\cA?/,
      /\t|\n|\v|\f|\r|\0/,
      /\//,
      /\./,
      /[.]/,
      /./,
      /./s,
      /\D/,
      /\S/,
      /\W/,
      /[^A-Z]/i,
      /[Z-a]/i,
      /[^k]/i,
      /(?<name>a)/,
      /a||b/,
      /(?:)/,
      /é|a/,
      /[à-ü]/,
      /[é-]/,
      /a{0}/,
      /a{2}/,
      /$^/,
      /^^a$$/,
      /(^a|b)c/,
      /a(?:$|b)/,
      /a$b/,
      /a^b/,
      /(?:a*)*/,
      /(?:a?){2,3}/,
      /[\s\S]/,
      /a{,2}/,
      /]/,
      /a-z/,
    ]
    for (const regex of regexes) {
      for (const match of ['full', 'search'] as const) {
        const compiled = compilePattern(regex, { match })
        const oracle = match === 'full' ? new RegExp(`^(?:${regex.source})$`, regex.flags) : regex
        const texts = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code))
        for (const text of [
          '',
          ...texts,
          ...texts.map((one) => `a${one}`),
          'ab',
          'abc',
          'aaa',
          'a{,2}',
          'a-z',
          'ac',
          'bc',
        ]) {
          assert.equal(compiled.test(text), oracle.test(text), `${regex} ${match} ${JSON.stringify(text)}`)
        }
      }
    }
  })

  it('agrees with RegExp on random patterns and values', () => {
    let tables = 0
    fc.assert(
      fc.property(pattern, flags, fc.array(value, { maxLength: 20 }), fc.boolean(), (source, flag, values, search) => {
        const regex = new RegExp(source, flag)
        const { test, table } = compilePattern(regex, { match: search ? 'search' : 'full' })
        const oracle = search ? regex : new RegExp(`^(?:${source})$`, flag)
        if (table !== undefined) tables++
        for (const text of values) assert.equal(test(text), oracle.test(text), `${regex} ${JSON.stringify(text)}`)
      }),
      { numRuns: 4000 },
    )
    assert.ok(tables > 3000, `${tables} tables`)
  })
})

describe('the kernel findMismatches', () => {
  /** Both implementations list the same rows, and every row that they do not list matches. */
  function check(regex: RegExp, cells: readonly TestCell[]): number[] {
    const { table, test } = compilePattern(regex)
    const lists = Object.values(IMPLEMENTATIONS).map((load) => {
      const column = new TestColumn(cells)
      const { linear, spans, stride, rows, live } = column
      const at = linear.reserve(table!.length)
      const out = linear.reserve(4 * rows + 4)
      linear.bytes.set(table!, at)
      load(linear).findMismatches(spans, stride, rows, live, at, out)
      return column.list(out)
    })
    const [wasm, javascript] = lists
    assert.deepEqual(wasm, javascript)
    cells.forEach(({ text, escaped, gone }, row) => {
      const certain = !/[^\0-\x7f]/.test(text) && !escaped && test(text)
      assert.equal(wasm!.includes(row), !gone && text !== '' && !certain, JSON.stringify(text))
    })
    return wasm!
  }

  it('lists what does not match, is not ASCII or is escaped', () => {
    const texts = ['ivy@example.com', 'ivy', '', 'ivy@exämple.com', 'a@b.cd', 'ivy@example.com\xff']
    const cells = texts.map((text) => ({ text }))
    assert.deepEqual(
      check(EMAIL, [...cells, { text: 'a@b.cd', escaped: true }, { text: 'no', gone: true }]),
      [1, 3, 5, 6],
    )
  })

  it('agrees with its twin and with RegExp on small and large automata', () => {
    const cell = fc.record({ text: value, escaped: fc.boolean(), gone: fc.boolean() })
    fc.assert(
      fc.property(pattern, flags, fc.array(cell, { maxLength: 30 }), (source, flag, cells) => {
        for (const grown of [source, `(?:${source})|[a-d]{1,20}x`]) {
          const regex = new RegExp(grown, flag)
          if (compilePattern(regex).table !== undefined) check(regex, cells)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('lists bytes that are no UTF-8', () => {
    for (const regex of [/a*/, /a{0,40}/]) {
      const texts = Array.from({ length: 30 }, (_, n) => ['\x80', '\xfe', '\xff'].map((byte) => 'a'.repeat(n) + byte))
      const cells = texts.flat().flatMap((text) => [{ text, encoding: 'latin1' as const }, { text: 'a' }])
      assert.equal(check(regex, cells).length, cells.length / 2)
      assert.equal(check(regex, cells.slice(1)).length, cells.length / 2 - 1)
    }
  })

  it('reads values of every length', () => {
    for (const regex of [/a*b?/, /a{0,40}b?/]) {
      check(
        regex,
        Array.from({ length: 45 }, (_, n) => [{ text: 'a'.repeat(n) }, { text: `${'a'.repeat(n)}b` }]).flat(),
      )
    }
  })
})

const flags = fc.constantFrom('', '', 'i', 's', 'is', 'u')
const atom = fc.constantFrom(
  'a',
  'b',
  'C',
  '0',
  '@',
  '\\.',
  '.',
  '-',
  '\\d',
  '\\w',
  '\\s',
  '[ab]',
  '[^a]',
  '[a-c0]',
  '[^\\w]',
  'é',
)
const quantifier = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,3}', '{0,}', '*?', '+?')
const { pattern } = fc.letrec<{ pattern: string; branch: string; term: string }>((tie) => ({
  pattern: fc.array(tie('branch'), { minLength: 1, maxLength: 2 }).map((branches) => branches.join('|')),
  branch: fc
    .tuple(fc.constantFrom('', '', '^'), fc.array(tie('term'), { maxLength: 3 }), fc.constantFrom('', '', '$'))
    .map(([start, terms, end]) => start + terms.join('') + end),
  term: fc
    .tuple(
      fc.oneof(
        { maxDepth: 2, depthIdentifier: 'group' },
        atom,
        tie('pattern').map((inner) => `(${inner})`),
        tie('pattern').map((inner) => `(?:${inner})`),
      ),
      quantifier,
    )
    .map(([part, repeat]) => part + repeat),
}))
const value = fc.string({ unit: fc.constantFrom(...'aaabbcCA0.-@ \n_zé'), maxLength: 14 })
