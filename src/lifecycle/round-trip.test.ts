import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import type { WriteCsvOptions } from '../sinks/csv.ts'
import { runCase } from './job-cases.contract.ts'

type Dialect = Required<Pick<WriteCsvOptions, 'delimiter' | 'quote' | 'lineEnd'>>

const dialect: fc.Arbitrary<Dialect> = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  quote: fc.constantFrom('"', "'"),
  lineEnd: fc.constantFrom('\n', '\r\n'),
})
const cell = fc
  .array(fc.constantFrom('a', 'é', '"', "'", ',', ';', '|', '\t', '\n', '\r', '\r\n', ' ', '\0', '€'), { maxLength: 5 })
  .map((parts) => parts.join(''))
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((columns) =>
    fc.array(fc.array(cell, { minLength: columns, maxLength: columns }), { minLength: 1, maxLength: 30 }),
  )

/** How a row is written where nobody reads what is in it: all, some or no columns pass as values. */
const touched = fc.constantFrom('none', 'first', 'all')

describe('writeCsv', () => {
  it('writes what csv-parse reads as the same cells, out of any dialect into any other', async () => {
    await fc.assert(
      fc.asyncProperty(table, dialect, dialect, touched, async (rows, from, to, touched) => {
        const labels = rows[0]!.map((_, index) => `column ${index}`)
        const text = stringify([labels, ...rows], {
          delimiter: from.delimiter,
          quote: from.quote,
          escape: from.quote,
          record_delimiter: from.lineEnd,
          quoted: true,
          quoted_empty: true,
        })
        const { output } = await runCase({
          files: [text],
          rules: {},
          read: { delimiter: from.delimiter, quote: from.quote },
          write: to,
          transform: (stream) => {
            const columns = touched === 'none' ? [] : touched === 'first' ? labels.slice(0, 1) : labels
            return columns.reduce((all, name) => all.withColumn(name, (value) => value), stream)
          },
        })
        const { delimiter, quote, lineEnd } = to
        const read = parse(output!, { delimiter, quote, escape: quote, record_delimiter: lineEnd })
        assert.deepEqual(read, [labels, ...rows])
      }),
      { numRuns: 60 },
    )
  })

  it('ends rows with both bytes of CRLF', async () => {
    const { output } = await runCase({ files: ['a,b\n1,2\n3,4\n'], rules: {}, write: { lineEnd: '\r\n' } })
    assert.equal(output, 'a,b\r\n1,2\r\n3,4\r\n')
  })

  it('writes the only cell of a row in quotes when it is empty, for a blank line is no record', async () => {
    const { output } = await runCase({ files: ['a\n""\nb\n'], rules: {}, write: { quote: "'" } })
    assert.equal(output, "a\n''\nb\n")
  })
})
