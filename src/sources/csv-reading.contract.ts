import assert from 'node:assert/strict'
import type { Buffer } from 'node:buffer'
import { SluiceError } from '../errors.ts'
import { BatchPool } from '../records/batch-pool.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { ByteInput } from '../storage/byte-input.ts'
import { PieceReader } from '../storage/piece-reader.ts'
import { bytesOf, type CsvOptions, DEFAULT_MAX_RECORD_BYTES, dialectOf } from './csv-dialect.ts'
import type { Model, ModelRecord } from './csv-model.contract.ts'
import { CsvReader } from './csv-reader.ts'

export const PIECE_SIZES: readonly number[] = [1, 2, 3, 7, 64 * 1024]

/** All cases share one pool, whose memory is released and used again as in a long run, until one fails. */
export let pool: BatchPool = new BatchPool()

/** Bytes in memory as an input. */
export function bytesInput(bytes: Buffer): ByteInput {
  let at = 0
  return {
    read: async (address, byteLength) => {
      const taken = bytes.copy(pool.linear.bytes, address, at, at + byteLength)
      at += taken
      return taken
    },
    close: async () => {},
  }
}

/** Reads a text by the real reader, in pieces of the given size, and tells all that it says about each record. */
export async function readText(bytes: Buffer, options: CsvOptions, pieceBytes: number): Promise<Model> {
  const reader = readerOf(bytesInput(bytes), options, pieceBytes)
  const records: ModelRecord[] = []
  try {
    for await (const batch of reader.batches()) {
      const inBatch: ModelRecord[] = []
      const { origins } = batch
      for (const { record, errors } of batch.faults) {
        assert.equal(errors.length, 1)
        inBatch.push({ kind: errors[0]!.code, ...plain(record) })
      }
      for (let row = 0; row < batch.rows; row++) {
        const record = origins.record(row)
        const cells = batch.columns.map((column) => column.value(row))
        assert.deepEqual(
          origins.columns.map((name) => record.values[name]),
          cells,
        )
        inBatch.push({ kind: 'row', ...plain(record), cells: cells as (string | null)[] })
        const { consecutiveFrom } = origins
        if (consecutiveFrom !== undefined) assert.equal(consecutiveFrom + row, record.ordinal)
      }
      for (const record of inBatch.sort((a, b) => a.ordinal - b.ordinal)) records.push(record)
      batch.release()
    }
  } catch (error) {
    pool = new BatchPool()
    if (!(error instanceof SluiceError)) throw error
    return { error: error.code }
  }
  assert.equal(reader.records, records.length)
  assert.equal(reader.lines, physicalLines(bytes))
  return { columns: reader.columns ?? [], records }
}

function physicalLines(bytes: Buffer): number {
  // A byte-order mark alone is no line.
  const text = bytes.toString('latin1').replace(/^\xef\xbb\xbf/, '')
  return text.split(/\r\n|\r|\n/).length - (text === '' || /[\r\n]$/.test(text) ? 1 : 0)
}

export function readerOf(input: ByteInput, options: CsvOptions, pieceBytes: number): CsvReader {
  return new CsvReader(new PieceReader(input, pool, pieceBytes), {
    source: 'test.csv',
    split: 0,
    bytes: bytesOf(dialectOf(options)),
    missing: undefined,
    encoding: 'utf-8',
    header: options.header ?? true,
    skipLines: options.skipLines ?? 0,
    maxRecordBytes: options.maxRecordBytes ?? DEFAULT_MAX_RECORD_BYTES,
    emit: () => {},
  })
}

function plain({ ordinal, line, byteOffset, byteLength, raw }: SourceRecord): Omit<ModelRecord, 'kind'> {
  return { ordinal, line, byteOffset, byteLength, raw: raw.toString('latin1') }
}

/** Reads the text in pieces of every size; each must tell exactly what the model does. */
export async function checkReading(bytes: Buffer, options: CsvOptions, expected: Model): Promise<void> {
  for (const pieceBytes of PIECE_SIZES) {
    const found = await readText(bytes, options, pieceBytes)
    assert.deepEqual(found, expected, `pieces of ${pieceBytes} bytes of ${JSON.stringify(bytes.toString('latin1'))}`)
  }
}
