import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { findJsonFault, parseJson } from './json-text.ts'

const PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"a"',
  '1',
  '-',
  '0',
  '.5',
  'e',
  'true',
  'fals',
  'null',
  ' ',
  '\n',
  '"',
  '\\',
  '\\u00',
  'é',
]

describe('the text of a page', () => {
  it('has a fault exactly where the parser refuses it', () => {
    const broken = fc.array(fc.constantFrom(...PIECES), { maxLength: 12 }).map((pieces) => pieces.join(''))
    fc.assert(
      fc.property(fc.oneof(broken, fc.json(), fc.string()), (text) => {
        assert.equal(findJsonFault(text) === undefined, isJson(text), text)
      }),
      { numRuns: 3000 },
    )
  })

  it('that is cut anywhere is known to be cut, and not wrong', () => {
    fc.assert(
      fc.property(fc.json(), fc.nat(), (text, at) => {
        const cut = text.slice(0, at % text.length)
        const fault = findJsonFault(cut)
        // A number may be whole by chance.
        if (fault !== undefined) assert.deepEqual(fault, { position: cut.length, cut: true }, cut)
      }),
      { numRuns: 2000 },
    )
  })

  it('with one wrong character is at fault there, or behind it', () => {
    assert.deepEqual(findJsonFault('[1, 2, x]'), { position: 7, cut: false })
    assert.deepEqual(findJsonFault('{"a": 1 "b"}'), { position: 8, cut: false })
    assert.deepEqual(findJsonFault('{"a": 01}'), { position: 6, cut: false })
    assert.deepEqual(findJsonFault('[1,]'), { position: 3, cut: false })
    assert.deepEqual(findJsonFault('{} {}'), { position: 3, cut: false })
    assert.deepEqual(findJsonFault('<html>'), { position: 0, cut: false })
  })

  it('keeps whole numbers of any length, and is otherwise what JSON.parse makes of it', () => {
    assert.deepEqual(parseJson('[9007199254740993, -9007199254740993, 1, 1234567890123456.5, "9007199254740993"]'), [
      9007199254740993n,
      -9007199254740993n,
      1,
      1234567890123456.5,
      '9007199254740993',
    ])
    fc.assert(fc.property(fc.bigInt(), (value) => assert.equal(BigInt(parseJson(`${value}`) as bigint), value)))
    fc.assert(
      fc.property(fc.json(), (text) => {
        if (isSafe(text)) assert.deepEqual(parseJson(text), JSON.parse(text))
      }),
    )
  })
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function isSafe(text: string): boolean {
  return !/\d{16}/.test(text)
}
