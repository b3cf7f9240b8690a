import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { Twins } from './twins.contract.ts'

const number = fc.oneof(fc.nat(), fc.maxSafeNat(), fc.constantFrom(0, 9, 10, 99, 100, 2 ** 32, 2 ** 53 - 1))

describe('writeLetterStart', () => {
  const twins = new Twins()

  it('writes six pieces with the numbers between them, the row twice', () => {
    const pieces = fc.array(fc.string({ unit: 'grapheme', maxLength: 40 }), { minLength: 6, maxLength: 6 })
    fc.assert(
      fc.property(pieces, number, number, number, number, (texts, row, line, offset, length) => {
        let at = twins.text
        texts.forEach((text, index) => {
          const bytes = Buffer.from(text)
          twins.putWords(twins.shared + index * 8, [twins.put(at, bytes), bytes.length])
          at += bytes.length
        })
        const written = twins.check(4096, (kernels, out) => {
          const end = kernels.writeLetterStart(twins.shared, row, line, offset, length, out)
          return twins.linear.bytes.toString('utf8', out, end)
        })
        const numbers = [row, row, line, offset, length, '']
        assert.equal(written, texts.map((text, index) => Buffer.from(text).toString() + numbers[index]).join(''))
      }),
      { numRuns: 2000 },
    )
  })
})
