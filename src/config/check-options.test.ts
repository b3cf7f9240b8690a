import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BOOLEAN, COLUMN_NAMES, checkOptions, oneOf, TEXT, wholeNumber } from './check-options.ts'
import { nearMiss } from './near-miss.ts'

interface Options {
  readonly delimiter?: string
  readonly skipLines?: number
  readonly header?: boolean
  readonly mode?: string
  readonly columns?: readonly string[]
}

function check(options: object): void {
  checkOptions<Options>('read', options, {
    delimiter: TEXT,
    skipLines: wholeNumber(0),
    header: BOOLEAN,
    mode: oneOf('a', 'b'),
    columns: COLUMN_NAMES,
  })
}

describe('the options of a function', () => {
  it('pass when they are known and have values that they may have', () => {
    check({})
    check({ delimiter: ';', skipLines: 0, header: false, mode: 'b', columns: ['x'] })
    check({ delimiter: undefined })
  })

  const wrong: [string, object, RegExp][] = [
    ['a near miss', { delimeter: ';' }, /^read: there is no option "delimeter"; did you mean "delimiter"\?$/],
    ['another spelling', { skip_lines: 1 }, /did you mean "skipLines"\?$/],
    ['something else', { nonsense: 1 }, /no option "nonsense"; the options are delimiter, skipLines, header/],
    ['what every object has', { toString: 1 }, /no option "toString"/],
    ['text', { delimiter: 5 }, /^read: delimiter must be text that is not empty\.$/],
    ['a number', { skipLines: -1 }, /skipLines must be a whole number from 0\.$/],
    ['a choice', { mode: 'c' }, /mode must be "a" or "b"\.$/],
    ['no boolean', { header: 'yes' }, /header must be true or false\.$/],
    ['no columns', { columns: [] }, /columns must be an array of column names/],
    ['a column twice', { columns: ['a', 'a'] }, /each once/],
    ['no object', [1], /must be an object/],
  ]
  for (const [what, options, message] of wrong) {
    it(`fail with \`job-invalid\` for ${what}`, () => {
      assert.throws(() => check(options), { code: 'job-invalid', message })
    })
  }
})

describe('a near miss', () => {
  const known = ['requiredColumns', 'uniqueColumns', 'stringPatterns', 'rules']
  it('is the name that was meant', () => {
    assert.equal(nearMiss('required_columns', known), 'requiredColumns')
    assert.equal(nearMiss('stringPattern', known), 'stringPatterns')
    assert.equal(nearMiss('reqiredColumns', known), 'requiredColumns')
  })

  it('is nothing when no name is near', () => {
    for (const name of ['x', 'columns', 'schema', '']) assert.equal(nearMiss(name, known), undefined)
  })
})
