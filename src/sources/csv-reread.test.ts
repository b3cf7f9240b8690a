import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { openFileRanges } from '../storage/range-reader.ts'
import { type ModelRecord, modelCsv } from './csv-model.contract.ts'
import { bytesInput, PIECE_SIZES, pool, readerOf } from './csv-reading.contract.ts'
import { rereadRecords } from './csv-reread.ts'

const directory = mkdtempSync(join(tmpdir(), 'sluice-reread-'))
after(() => rmSync(directory, { recursive: true }))

fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

const lines = fc
  .array(fc.constantFrom('1,2', '3,4', '"5",6', '"7\n8",9', 'x', '', '1,2,3', '"a', 'b"', 'é,ü', '"a""b",c', 'a,b'), {
    maxLength: 40,
  })
  .chain((all) => fc.constantFrom('\n', '\r\n', '\r').map((end) => Buffer.from(`a,b${end}${all.join(end)}`)))

describe('rereadRecords', () => {
  it('yields any rows again as they were read, whatever the pieces', async () => {
    const path = join(directory, 'input.csv')
    const cases = fc.tuple(lines, fc.infiniteStream(fc.boolean()), fc.constantFrom(8, 1 << 20))
    await fc.assert(
      fc.asyncProperty(cases, async ([text, wanted, maxRecordBytes]) => {
        const model = modelCsv(text, { maxRecordBytes })
        assert.ok('records' in model)
        writeFileSync(path, text)
        const rows = model.records.filter(({ kind }) => kind === 'row')
        for (const pieceBytes of PIECE_SIZES) {
          const reader = readerOf(bytesInput(text), { maxRecordBytes }, pieceBytes)
          for await (const batch of reader.batches()) batch.release()
          const some = rows.filter(() => wanted.next().value)
          const found: ModelRecord[] = []
          const records = rereadRecords(ordinals(some), {
            ranges: await openFileRanges(pool.linear, path),
            source: 'input.csv',
            starts: reader.starts,
            columns: ['a', 'b'],
            header: true,
            bytes: { delimiter: 44, quote: 34 },
            maxRecordBytes,
            decoded: false,
            pool,
          })
          for await (const together of records) {
            for (const { ordinal, line, byteOffset, byteLength, raw, values } of together) {
              const cells = [values['a']!, values['b']!]
              found.push({ kind: 'row', ordinal, line, byteOffset, byteLength, raw: raw.toString('latin1'), cells })
            }
          }
          assert.deepEqual(found, some)
        }
      }),
      { numRuns: 400 },
    )
  })
})

function* ordinals(records: readonly ModelRecord[]): Generator<number> {
  for (const { ordinal } of records) yield ordinal
}
