import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { streamInput } from '../storage/byte-input.ts'
import { pooledIo } from '../storage/byte-io.ts'
import type { CsvOptions } from './csv-dialect.ts'
import { PIECE_SIZES, pool, readerOf, readText } from './csv-reading.contract.ts'

/** A well-formed text, and the options by which it must be read. */
interface Case {
  readonly bytes: Buffer
  readonly options: CsvOptions & { readonly header: boolean | readonly string[]; readonly skipLines: number }
  readonly columns: number
}

fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

const word = fc.constantFrom(
  'a',
  'Zoë',
  'naïve',
  '€',
  '😀',
  '\0',
  ' x ',
  '1e5',
  '007',
  '',
  '',
  'long cell of some words',
)
const inQuotes = fc
  .array(fc.constantFrom('a', 'é', '\n', '\r\n', '\r', 'D', 'QQ', '\0', ' ', '€'), { maxLength: 6 })
  .map((parts) => `Q${parts.join('')}Q`)
const lineEnds = fc.constantFrom(['\n'], ['\r\n'], ['\r'], ['\n', '\r\n', '\r'])
const dialects = fc.constantFrom<Pick<CsvOptions, 'delimiter' | 'quote'>>(
  {},
  { delimiter: ';' },
  { delimiter: '\t' },
  { delimiter: '|', quote: "'" },
  { quote: false },
)

const cases: fc.Arbitrary<Case> = fc
  .record({
    columns: fc.integer({ min: 1, max: 5 }),
    dialect: dialects,
    ends: lineEnds,
    mark: fc.boolean(),
    lastEnd: fc.boolean(),
    skipLines: fc.nat({ max: 2 }),
    header: fc.constantFrom<'first' | 'none' | 'names'>('first', 'first', 'none', 'names'),
  })
  .chain(({ columns, dialect, ends, mark, lastEnd, skipLines, header }) => {
    const { delimiter = ',', quote = '"' } = dialect
    const cell = quote === false ? word : fc.oneof(word, inQuotes)
    const row = fc
      .array(cell, { minLength: columns, maxLength: columns })
      // A blank line is no record, so a single cell is never bare and empty.
      .map((cells) => (columns === 1 && cells[0] === '' ? ['x'] : cells))
      .map((cells) =>
        cells
          .join('D')
          .replaceAll('D', delimiter)
          .replaceAll('Q', quote || ''),
      )
    const labels = Array.from({ length: columns }, (_, index) => `label ${index}`)
    return fc
      .tuple(fc.array(row, { maxLength: 25 }), fc.array(fc.constantFrom(...ends), { minLength: 40 }))
      .map(([rows, ends]) => {
        const skipped = ['to be skipped', 'and "this', '']
        const lines = [...skipped.slice(0, skipLines), ...(header === 'first' ? [labels.join(delimiter)] : []), ...rows]
        const text = lines.map((line, index) => line + ends[index]).join('')
        const cut = lastEnd ? text : text.replace(/(\r\n|\r|\n)$/, '')
        const bytes = Buffer.from((mark ? '\ufeff' : '') + cut)
        const named = header === 'first' ? true : header === 'none' ? false : labels
        return { bytes, columns, options: { ...dialect, header: named, skipLines } }
      })
  })

/** What csv-parse makes of the same text: arrays of cells, without the header. */
function oracle({ bytes, options }: Case): readonly (readonly (string | null)[])[] {
  const { delimiter = ',', quote = '"', header, skipLines } = options
  const rows: string[][] = parse(behindLines(bytes, skipLines), {
    delimiter,
    quote: quote === false ? null : quote,
    escape: quote === false ? null : quote,
    record_delimiter: ['\r\n', '\n', '\r'],
    skip_empty_lines: true,
    relax_column_count: true,
    bom: true,
  })
  return rows.slice(header === true ? 1 : 0).map((cells) => cells.map((cell) => cell || null))
}

/** csv-parse knows no physical lines to skip. */
function behindLines(bytes: Buffer, lines: number): Buffer {
  let text = bytes.toString()
  for (let line = 0; line < lines; line++) text = text.replace(/^[^\r\n]*(\r\n|\r|\n|$)/, '')
  return Buffer.from(text)
}

describe('readCsv beside csv-parse', () => {
  it('reads the same cells out of well-formed text, whatever the pieces', async () => {
    let read = 0
    await fc.assert(
      fc.asyncProperty(cases, async (one) => {
        const expected = oracle(one)
        for (const pieceBytes of PIECE_SIZES) {
          const found = await readText(one.bytes, one.options, pieceBytes)
          assert.ok(!('error' in found))
          assert.ok(found.records.every(({ kind }) => kind === 'row'))
          assert.deepEqual(
            found.records.map(({ cells }) => cells),
            expected,
          )
        }
        read++
      }),
      { numRuns: 10_000 },
    )
    assert.equal(read, 10_000)
  })

  it('reads the same cells out of a stream of odd chunks', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.integer({ min: 1, max: 9 }), async (one, step) => {
        const chunks = Array.from({ length: Math.ceil(one.bytes.length / step) }, (_, index) =>
          one.bytes.subarray(index * step, (index + 1) * step),
        )
        const { signal } = new AbortController()
        const input = streamInput(pool.linear, pooledIo(pool.linear), Readable.from(chunks), { name: 'chunks', signal })
        const found: (string | null)[][] = []
        for await (const batch of readerOf(input, one.options, 64).batches()) {
          for (let row = 0; row < batch.rows; row++) {
            found.push(batch.columns.map((column) => column.value(row) as string | null))
          }
          batch.release()
        }
        assert.deepEqual(found, oracle(one))
      }),
      { numRuns: 500 },
    )
  })
})
