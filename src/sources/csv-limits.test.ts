import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { modelCsv } from './csv-model.contract.ts'
import { bytesInput, checkReading, PIECE_SIZES, readerOf, readText } from './csv-reading.contract.ts'

const MEGABYTES = 1 << 20
const LARGE = 512 * 1024

interface Told {
  readonly kind: string
  readonly ordinal: number
  readonly line: number
  readonly byteOffset: number
  readonly byteLength: number
}

/** Reads without keeping what was read: for texts of many megabytes. */
async function outline(bytes: Buffer, maxRecordBytes: number): Promise<readonly Told[]> {
  const told: Told[] = []
  for await (const batch of readerOf(bytesInput(bytes), { maxRecordBytes }, LARGE).batches()) {
    const records = [...batch.faults].map(({ record, errors }) => ({ kind: errors[0]!.code as string, record }))
    for (let row = 0; row < batch.rows; row++) records.push({ kind: 'row', record: batch.origins.record(row) })
    records.sort((a, b) => a.record.ordinal - b.record.ordinal)
    for (const { kind, record } of records) {
      const { ordinal, line, byteOffset, byteLength } = record
      told.push({ kind, ordinal, line, byteOffset, byteLength })
    }
    batch.release()
  }
  return told
}

describe('a field of 50 MB', () => {
  const field = Buffer.alloc(50 * MEGABYTES, 'x'.repeat(63))
  const quoted = Buffer.alloc(50 * MEGABYTES, `${'y'.repeat(98)}\n,`)

  it('is a line too long, of which the first bytes are kept, and the next record is read', async () => {
    const text = Buffer.concat([Buffer.from('a,b\n1,'), field, Buffer.from('\n2,3\n')])
    assert.deepEqual(await outline(text, MEGABYTES), [
      { kind: 'line-too-long', ordinal: 0, line: 2, byteOffset: 4, byteLength: MEGABYTES },
      { kind: 'row', ordinal: 1, line: 3, byteOffset: field.length + 7, byteLength: 3 },
    ])
  })

  it('is a row when records may be so long', async () => {
    const text = Buffer.concat([Buffer.from('a,b\n1,"'), quoted, Buffer.from('"\r\n2,3\n')])
    assert.deepEqual(await outline(text, 64 * MEGABYTES), [
      { kind: 'row', ordinal: 0, line: 2, byteOffset: 4, byteLength: quoted.length + 4 },
      { kind: 'row', ordinal: 1, line: quoted.length / 100 + 3, byteOffset: quoted.length + 10, byteLength: 3 },
    ])
  })

  it('that a quote leaves open costs its first line only', async () => {
    const open = Buffer.concat([Buffer.from('a,b\n"1,2\n'), Buffer.alloc(50 * MEGABYTES, `3,${'4'.repeat(253)}\n`)])
    const told = await outline(open, MEGABYTES)
    assert.equal(told.length, 1 + (50 * MEGABYTES) / 256)
    assert.deepEqual(told[0], { kind: 'line-too-long', ordinal: 0, line: 2, byteOffset: 4, byteLength: 4 })
    assert.ok(told.every(({ kind }, index) => index === 0 || kind === 'row'))
  })
})

describe('maxRecordBytes', () => {
  it('lets records of just that length pass and none that is longer, quotes counted, whatever the pieces', async () => {
    for (const record of ['12345,789', '"2345",789', '"2345","89"', '1,"3\n5\r7"', '"2""5",789', '1,2é5,789']) {
      for (const around of [-1, 0, 1]) {
        const text = Buffer.from(`a,b\n${record}\nx,y\n"q""",${record.slice(0, 2)}\nx,y`)
        const options = { maxRecordBytes: Buffer.byteLength(record) + around }
        await checkReading(text, options, modelCsv(text, options))
      }
    }
  })
})

describe('blank lines', () => {
  it('at the end are no records, but very many of them are, whatever the pieces', async () => {
    for (const blanks of [1, 65_535, 65_536, 65_537, 140_000]) {
      for (const end of ['', '1,2\n']) {
        const text = Buffer.from(`a,b\n1,2\n${'\n'.repeat(blanks)}${end}`)
        const counted = end === '' ? blanks - (blanks % 65_536) : blanks
        for (const pieceBytes of [1000, 64 * 1024, LARGE]) {
          const found = await readText(text, {}, pieceBytes)
          assert.ok(!('error' in found))
          assert.equal(found.records.length, 1 + counted + (end === '' ? 0 : 1))
          assert.ok(found.records.every(({ ordinal }, index) => ordinal === index))
          if (end !== '') assert.equal(found.records.at(-1)!.line, blanks + 3)
        }
      }
    }
  })
})

describe('random bytes', () => {
  it('never stop the reader: each byte is part of a record or of a line end', async () => {
    const bytes = fc.uint8Array({ minLength: 1, maxLength: 400 }).map((all) => Buffer.from(all))
    await fc.assert(
      fc.asyncProperty(bytes, fc.constantFrom(1, 10, 1 << 20), async (bytes, maxRecordBytes) => {
        for (const pieceBytes of PIECE_SIZES) {
          const found = await readText(bytes, { header: ['a', 'b'], maxRecordBytes }, pieceBytes)
          assert.ok(!('error' in found))
          let at = bytes.subarray(0, 3).equals(Buffer.of(0xef, 0xbb, 0xbf)) ? 3 : 0
          found.records.forEach(({ kind, byteOffset, byteLength, ordinal }, index) => {
            assert.equal(ordinal, index)
            assert.match(bytes.toString('latin1', at, byteOffset), /^(\r\n|\r|\n)?$/)
            at = byteOffset + byteLength
            // Of a line that is too long only the first bytes are kept.
            if (kind === 'line-too-long' || kind === 'quote-error') at = lineEnd(bytes, at)
          })
          assert.match(bytes.toString('latin1', at), /^[\r\n]*$/)
        }
      }),
      { numRuns: 1500 },
    )
  })
})

function lineEnd(bytes: Buffer, from: number): number {
  let at = from
  while (at < bytes.length && bytes[at] !== 10 && bytes[at] !== 13) at++
  return at
}
