import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { parse } from 'csv-parse/sync'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { defineJob, type RunReport, readCsv, runJob, SluiceError, unique, writeCsv } from '../index.ts'
import { bytesInput, readerOf } from './csv-reading.contract.ts'

const place = mkdtempSync(join(tmpdir(), 'sluice-dialects-'))
after(() => rmSync(place, { recursive: true }))

const cell = fc.string({
  unit: fc.constantFrom('a', 'é', '|', '||', '"', "'", '\\', ',', ';', ' ', '\n', '#', '€'),
  maxLength: 5,
})
const dialect = fc.record({
  delimiter: fc.constantFrom('||', ';', '§', '<>'),
  quote: fc.constantFrom('"', "'"),
  escape: fc.constantFrom('"', "'", '\\'),
})

describe('reading other dialects of CSV', () => {
  it('agrees with csv-parse for long delimiters, other quotes and escapes, however the text is cut', async () => {
    const tables = fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 6 })
    await fc.assert(
      fc.asyncProperty(tables, dialect, fc.constantFrom(1, 2, 3, 7, 65_536), async (rows, options, pieceBytes) => {
        const text = Buffer.from(stringify([['a', 'b', 'c'], ...rows], { ...options, quoted: true }))
        const expected = parse(text, { ...options, from: 2 }) as string[][]
        assert.deepEqual(await cellsOf(text, options, pieceBytes), expected)
      }),
      { numRuns: 3000 },
    )
  })

  it('passes over lines that are comments, in the header, between rows and at the end', async () => {
    const text = Buffer.from('# made by hand\na,b,c\n1,2,3\n#4,5,6\n7,"#8",9\n# end')
    for (const pieceBytes of [1, 3, 65_536]) {
      assert.deepEqual(await cellsOf(text, { comment: '#' }, pieceBytes), [
        ['1', '2', '3'],
        ['7', '#8', '9'],
      ])
    }
  })

  for (const [encoding, bytes] of [
    ['latin1', Buffer.from('id,name\n1,Zoë\n2,Ñuñez\n', 'latin1')],
    ['utf-16le', Buffer.from('\ufeffid,name\n1,Zoë\n2,Ñuñez\n', 'utf16le')],
  ] as const) {
    it(`reads ${encoding}, writes UTF-8, and knows the file's own digest`, async () => {
      const report = await run(bytes, { encoding })
      assert.equal(readFileSync(join(place, 'out.csv'), 'utf8'), 'id,name\n1,Zoë\n2,Ñuñez\n')
      assert.equal(report.source[0]?.bytes, bytes.length)
    })
  }

  for (const [encoding, spoilt] of [
    ['shift_jis', Buffer.of(0xff, 0xff)],
    ['utf-16le', Buffer.of(0x00, 0xd8)],
    ['utf-8', Buffer.of(0xff)],
  ] as const) {
    it(`rejects the row, and only the row, that ${encoding} cannot mean, and says so`, async () => {
      const text = (part: string) => Buffer.from(part, encoding === 'utf-16le' ? 'utf16le' : 'latin1')
      const bytes = Buffer.concat([text('id,name\n1,'), spoilt, text('\n2,ok\n')])
      const error = await run(bytes, { encoding }).catch((e) => e)
      assert.ok(error instanceof SluiceError)
      assert.match(error.message, /1 of 2 records are faulty/)
      const { path } = (error.report as RunReport).deadLetters
      const letter = JSON.parse(readFileSync(path as string, 'utf8'))
      const { code, message } = letter.errors[0]
      assert.equal(code, 'encoding-error')
      assert.ok(message.includes(encoding === 'utf-8' ? 'not valid UTF-8' : `mean nothing in ${encoding}`), message)
      assert.match(letter.raw ?? letter.raw_base64, encoding === 'utf-8' ? /^MSz\/$/ : /^1,\ufffd/)
    })
  }

  it('takes the given texts for null, and the empty one only if it is among them', async () => {
    await run(Buffer.from('id,name\n1,NA\n2,\n3,n/a\n'), { missingValues: ['NA', 'n/a'] })
    assert.equal(readFileSync(join(place, 'out.csv'), 'utf8'), 'id,name\n1,\n2,\n3,\n')
    const values = await run(Buffer.from('id,name\n1,NA\n2,\n'), { missingValues: ['NA'] }, ['name'])
      .then(() => 'committed')
      .catch((error: SluiceError) => (error.report as RunReport).rules[0]?.failed)
    assert.equal(values, 1)
  })

  it('finds duplicates in files of other dialects and encodings, and shows the record', async () => {
    const bytes = Buffer.from('id||name\n1||é\n2||"a\\"b"\n1||c\n', 'latin1')
    const options = { encoding: 'latin1', delimiter: '||', escape: '\\' }
    const error = await run(bytes, options, [], 'id').catch((e) => e)
    const { deadLetters } = error.report as RunReport
    const letter = JSON.parse(readFileSync(deadLetters.path as string, 'utf8'))
    assert.equal(letter.raw, '1||c')
    assert.deepEqual(letter.values, { id: '1', name: 'c' })
    assert.deepEqual([letter.row, letter.line, letter.errors[0].first_row], [3, 4, 1])
  })
})

async function cellsOf(text: Buffer, options: object, pieceBytes: number): Promise<(string | null)[][]> {
  const rows: (string | null)[][] = []
  for await (const batch of readerOf(bytesInput(text), options, pieceBytes).batches()) {
    assert.equal(batch.faults.size, 0)
    for (let row = 0; row < batch.rows; row++) rows.push(batch.columns.map((c) => (c.value(row) ?? '') as string))
    batch.release()
  }
  return rows
}

function run(bytes: Buffer, options: object, required: string[] = [], key?: string): Promise<RunReport> {
  const input = join(place, 'in.csv')
  writeFileSync(input, bytes)
  const job = defineJob({
    name: 'dialects',
    extract: readCsv(input, options),
    validate: { requiredColumns: required, rules: key === undefined ? [] : [unique(key)] },
    load: writeCsv(join(place, 'out.csv')),
  })
  return runJob(job, { state: join(place, 'state') })
}
