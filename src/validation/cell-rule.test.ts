import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { RowRule } from './rule.ts'
import { acceptedRange } from './rules/accepted-range.ts'
import { acceptedValues } from './rules/accepted-values.ts'
import { format } from './rules/format.ts'
import { maxLength } from './rules/max-length.ts'
import { minLength } from './rules/min-length.ts'
import { notAcceptedValues } from './rules/not-accepted-values.ts'
import { notEmptyString } from './rules/not-empty-string.ts'
import { pattern } from './rules/string-patterns.ts'
import { verdictsOf } from './testing/verdicts.ts'

const WORDS = ['ok', 'no', 'ja', 'ä', '"', 'a"b', ' ', '0', '1', '-1', '1.0', '2024-02-29', '2023-02-29', 'a@b.de']

/** Each rule beside what it means, in one expression. */
const RULES: readonly (readonly [RowRule, (text: string) => boolean])[] = [
  [notEmptyString('a'), (text) => text.trim() !== ''],
  [minLength('a', 2), (text) => [...text].length >= 2],
  [maxLength('a', 2), (text) => [...text].length <= 2],
  [acceptedValues('a', ['ok', 'a"b', 'ä', 1]), (text) => ['ok', 'a"b', 'ä', '1'].includes(text)],
  [notAcceptedValues('a', ['no', '"', 0]), (text) => !['no', '"', '0'].includes(text)],
  [acceptedRange('a', { min: 0, max: 1 }), (text) => ['0', '1', '1.0'].includes(text) || isBetween(text)],
  [format('a', 'iso_date'), (text) => /^\d{4}-\d\d-\d\d$/.test(text) && isCalendarDay(text)],
  [pattern('a', /[a-z]+/), (text) => /^[a-z]+$/.test(text)],
]

describe('a rule on the values of a column', () => {
  for (const [rule, isRight] of RULES) {
    it(`${rule.type} judges every value but null, whatever the batches`, () => {
      const text = fc.oneof(fc.constantFrom(...WORDS), fc.string({ unit: 'grapheme', maxLength: 4 }))
      const cells = fc.array(fc.option(text), { minLength: 1, maxLength: 40 })
      const property = fc.property(cells, fc.integer({ min: 1, max: 40 }), (found, batchRows) => {
        // An empty text is null in text.
        const values = found.map((cell) => (cell === '' ? null : cell))
        const { evaluated, failed } = verdictsOf(rule, values, batchRows)
        const present = values.filter((cell) => cell !== null)
        assert.deepEqual(
          failed,
          present.filter((cell) => !isRight(cell)),
        )
        assert.equal(evaluated, present.length)
      })
      fc.assert(property)
    })
  }

  it('never names the value in its message', () => {
    const secret = 'a secret, longer than others'
    for (const [rule] of RULES.filter(([{ type }]) => !type.startsWith('not_') && type !== 'min_length')) {
      const [error] = verdictsOf(rule, [secret]).errors
      assert.ok(error !== undefined && !error.message.includes('secret') && error.value === secret, rule.type)
    }
  })
})

function isBetween(text: string): boolean {
  return /^\+?\d*\.?\d*$/.test(text) && /\d/.test(text) && Number(text) >= 0 && Number(text) <= 1
}

function isCalendarDay(text: string): boolean {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}
