import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { CsvOptions } from './csv-dialect.ts'
import { modelCsv } from './csv-model.contract.ts'
import { checkReading, readText } from './csv-reading.contract.ts'

fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

/** Compares the reader with the model of the rules, in pieces of every size. */
async function check(bytes: Buffer, options: CsvOptions = {}): Promise<void> {
  await checkReading(bytes, options, modelCsv(bytes, options as never))
}

const tokens = [
  'a',
  'b',
  'cd',
  ',',
  ',',
  ',',
  '"',
  '""',
  '\n',
  '\n',
  '\r\n',
  '\r',
  'é',
  '\0',
  ' ',
  '"x"',
  '"\n"',
  '"y""z"',
]
const broken = fc.array(fc.constantFrom(...tokens), { maxLength: 60 }).map((parts) => Buffer.from(parts.join('')))
const lines = fc
  .array(fc.constantFrom('1,2', '3,4', '"5",6', '"7\n8",9', 'x', '', '1,2,3', '"a', 'b"', 'é,ü', 'a,b', '"","'), {
    maxLength: 30,
  })
  .chain((all) => fc.constantFrom('\n', '\r\n', '\r').map((end) => Buffer.from(`a,b${end}${all.join(end)}`)))
const bytes = fc
  .array(fc.constantFrom(34, 44, 10, 13, 97, 98, 0xc3, 0xa9, 0xff, 0), { maxLength: 80 })
  .map((all) => Buffer.from(all))

const options: fc.Arbitrary<CsvOptions> = fc.record(
  {
    header: fc.constantFrom<boolean | readonly string[]>(true, false, ['a', 'b'], ['one']),
    skipLines: fc.nat({ max: 2 }),
    maxRecordBytes: fc.constantFrom(1, 2, 5, 20, 1000),
    delimiter: fc.constantFrom(';', '\t', 'a'),
    quote: fc.constantFrom<string | false>(false, "'"),
  },
  { requiredKeys: [] },
)

describe('CsvReader', () => {
  it('finds in broken text what the rules say, whatever the pieces', async () => {
    await fc.assert(
      fc.asyncProperty(broken, (text) => check(Buffer.concat([Buffer.from('a,b\n'), text]))),
      { numRuns: 3000 },
    )
  })

  it('finds in lines of good and bad records what the rules say', async () => {
    await fc.assert(
      fc.asyncProperty(lines, fc.constantFrom(4, 8, 1 << 20), (text, maxRecordBytes) =>
        check(text, { maxRecordBytes }),
      ),
      { numRuns: 3000 },
    )
  })

  it('finds in any bytes what the rules say, by any options', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(broken, lines, bytes), options, check), { numRuns: 6000 })
  })

  const kinds = async (bytes: Buffer, options: CsvOptions = {}) => {
    await check(bytes, options)
    const found = await readText(bytes, options, 64 * 1024)
    return 'error' in found ? found.error : found.records.map(({ kind }) => kind)
  }

  it('finds bytes that are no UTF-8 in the records beside a quote error', async () => {
    const text = Buffer.from('a,b\n1,\xff\nx"y,2\n3,\xe9\n4,5\n', 'latin1')
    assert.deepEqual(await kinds(text), ['encoding-error', 'quote-error', 'encoding-error', 'row'])
  })

  it('finds a repeated header whose labels hold quotes', async () => {
    const header = '"a ""1""","b"'
    assert.deepEqual(await kinds(Buffer.from(`${header}\n1,2\n${header}\n3,4\n`)), ['row', 'repeated-header', 'row'])
  })

  it('names a quote error in a line that is too long to keep, and keeps its first bytes', async () => {
    const text = Buffer.from(`a,b\nx"${'y'.repeat(200)}\n1,2\n`)
    assert.deepEqual(await kinds(text, { maxRecordBytes: 20 }), ['quote-error', 'row'])
  })

  it('refuses a header that is no UTF-8 or longer than a record may be', async () => {
    assert.equal(await kinds(Buffer.from('a,\xff\n1,2\n', 'latin1')), 'header-unreadable')
    assert.equal(await kinds(Buffer.from('first,second\n1,2\n'), { maxRecordBytes: 8 }), 'header-unreadable')
  })

  it('gives up the first line only of a record whose quote is open at the end', async () => {
    assert.deepEqual(await kinds(Buffer.from('a,b\n1,2\n"3,4\n5,6\n7,8')), ['row', 'quote-error', 'row', 'row'])
  })
})
