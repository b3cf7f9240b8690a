import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { SeededRandom } from '../../fixtures/seeded-random.ts'
import { type ByteInput, streamInput } from '../storage/byte-input.ts'
import { pooledIo } from '../storage/byte-io.ts'
import type { CsvOptions } from './csv-dialect.ts'
import { bytesInput, PIECE_SIZES, pool, readerOf, readText } from './csv-reading.contract.ts'

/** A well-formed text, and the options by which it must be read. */
interface Case {
  readonly bytes: Buffer
  readonly options: CsvOptions & { readonly header: boolean | readonly string[]; readonly skipLines: number }
  readonly columns: number
}

const LARGE_TEXTS = 300

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

/** Texts of some rows; with `bytes`, of these rows again and again until there are so many bytes. */
function casesOf(bytes: fc.Arbitrary<number>, words: fc.Arbitrary<string>): fc.Arbitrary<Case> {
  return fc
    .record({
      bytes,
      seed: fc.integer(),
      columns: fc.integer({ min: 1, max: 5 }),
      dialect: dialects,
      ends: lineEnds,
      mark: fc.boolean(),
      lastEnd: fc.boolean(),
      skipLines: fc.nat({ max: 2 }),
      header: fc.constantFrom<'first' | 'none' | 'names'>('first', 'first', 'none', 'names'),
    })
    .chain(({ bytes, seed, columns, dialect, ends, mark, lastEnd, skipLines, header }) => {
      const { delimiter = ',', quote = '"' } = dialect
      const cell = quote === false ? words : fc.oneof(words, inQuotes)
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
        .tuple(
          fc.array(row, { minLength: bytes === 0 ? 0 : 10, maxLength: 25 }),
          fc.array(fc.constantFrom(...ends), { minLength: 40 }),
        )
        .map(([rows, ends]) => {
          const skipped = ['to be skipped', 'and "this', '']
          const lines = [...skipped.slice(0, skipLines), ...(header === 'first' ? [labels.join(delimiter)] : [])]
          lines.push(...(bytes === 0 ? rows : enlarge(rows, bytes, seed)))
          const text = lines.map((line, index) => line + ends[index % ends.length]).join('')
          const cut = lastEnd ? text : text.replace(/(\r\n|\r|\n)$/, '')
          const whole = Buffer.from((mark ? '\ufeff' : '') + cut)
          const named = header === 'first' ? true : header === 'none' ? false : labels
          return { bytes: whole, columns, options: { ...dialect, header: named, skipLines } }
        })
    })
}

/** A shuffled sequence of the rows, of at least so many bytes. */
function enlarge(rows: readonly string[], bytes: number, seed: number): readonly string[] {
  const random = new SeededRandom(seed)
  const many: string[] = []
  for (let left = bytes; left > 0; left -= Buffer.byteLength(many.at(-1)!) + 1) many.push(random.pick(rows))
  return many
}

const cases = casesOf(fc.constant(0), word)
/** Some cells alone are longer than what a small piece holds. */
const largeCases = casesOf(
  fc.integer({ min: 150_000, max: 300_000 }),
  fc.oneof({ weight: 9, arbitrary: word }, { weight: 1, arbitrary: fc.constant('wörd '.repeat(300)) }),
)

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

type Cells = readonly (string | null)[]

async function cellsOf(input: ByteInput, options: CsvOptions, pieceBytes: number): Promise<readonly Cells[]> {
  const found: Cells[] = []
  for await (const batch of readerOf(input, options, pieceBytes).batches()) {
    assert.equal(batch.faults.size, 0)
    for (let row = 0; row < batch.rows; row++) {
      found.push(batch.columns.map((column) => column.value(row) as string | null))
    }
    batch.release()
  }
  return found
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

  it('reads the same cells out of texts of some hundred kilobytes, in pieces of 64 KiB', async () => {
    const sizes: number[] = []
    await fc.assert(
      fc.asyncProperty(largeCases, async (one) => {
        const expected = oracle(one)
        const found = await cellsOf(bytesInput(one.bytes), one.options, 64 * 1024)
        // The first difference is enough.
        const at = expected.findIndex((cells, row) => JSON.stringify(cells) !== JSON.stringify(found[row]))
        if (at >= 0) assert.deepEqual(found[at], expected[at], `row ${at}`)
        assert.equal(found.length, expected.length)
        sizes.push(one.bytes.length)
      }),
      { numRuns: LARGE_TEXTS, endOnFailure: true },
    )
    assert.ok(sizes.length === LARGE_TEXTS && sizes.every((size) => size > 2 * 64 * 1024))
  })

  it('reads the same cells out of a stream of odd chunks', async () => {
    await fc.assert(
      fc.asyncProperty(cases, fc.integer({ min: 1, max: 9 }), async (one, step) => {
        const chunks = Array.from({ length: Math.ceil(one.bytes.length / step) }, (_, index) =>
          one.bytes.subarray(index * step, (index + 1) * step),
        )
        const { signal } = new AbortController()
        const input = streamInput(pool.linear, pooledIo(pool.linear), Readable.from(chunks), { name: 'chunks', signal })
        assert.deepEqual(await cellsOf(input, one.options, 64), oracle(one))
      }),
      { numRuns: 500 },
    )
  })
})
