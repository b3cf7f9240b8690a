import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import { stringify } from 'csv-stringify/sync'
import fc from 'fast-check'
import { firstDifference } from './compare.ts'
import { RecordDigest } from './record-digest.ts'

function digest(text: string, chunkSize = 1 << 20): { records: number; text: string } {
  const digest = new RecordDigest()
  const bytes = Buffer.from(text)
  for (let at = 0; at < bytes.length; at += chunkSize) digest.push(bytes.subarray(at, at + chunkSize))
  return { text: digest.end(), records: digest.records }
}

const cell = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', '"', '\n', '\r', '1'), maxLength: 6 })
const table = fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1, maxLength: 6 })

describe('RecordDigest', () => {
  it('is the same however the records are quoted, their lines end and the bytes are cut', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, chunkSize) => {
        const plain = digest(stringify(rows))
        assert.equal(plain.records, rows.length)
        for (const record_delimiter of ['\n', '\r\n', '\r']) {
          assert.deepEqual(digest(stringify(rows, { quoted: true, record_delimiter }), chunkSize), plain)
          assert.deepEqual(digest(stringify(rows, { quoted_match: /[\r\n]/, record_delimiter, eof: false })), plain)
        }
      }),
    )
  })

  it('differs when the values differ', () => {
    fc.assert(
      fc.property(table, table, (rows, others) => {
        const same = JSON.stringify(rows) === JSON.stringify(others)
        assert.equal(digest(stringify(rows)).text === digest(stringify(others)).text, same)
      }),
    )
  })

  it('tells cells from commas and sees the order of the records', () => {
    assert.notEqual(digest('a,b\n').text, digest('"a,b"\n').text)
    assert.notEqual(digest('a\nb\n').text, digest('b\na\n').text)
  })
})

describe('firstDifference', () => {
  it('names the first record that differs and both versions of it', async () => {
    const folder = mkdtempSync(`${tmpdir()}/sluice-bench-`)
    const write = (name: string, text: string) => writeFileSync(`${folder}/${name}`, text)
    write('a.csv', 'id,v\n1,"x"\n2,y\n')
    write('b.csv', 'id,v\r\n1,x\r\n2,z\r\n')
    assert.equal(await firstDifference(`${folder}/a.csv`, `${folder}/a.csv`), null)
    assert.equal(
      await firstDifference(`${folder}/a.csv`, `${folder}/b.csv`),
      'record 3 (the header is 1) is ["2","y"] instead of ["2","z"]',
    )
    rmSync(folder, { recursive: true })
  })
})
