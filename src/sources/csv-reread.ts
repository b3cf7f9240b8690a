import { readFile, writeFile } from 'node:fs/promises'
import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RangeReader } from '../storage/range-reader.ts'
import type { CsvBytes } from './csv-bytes.ts'
import { CsvOrigins } from './csv-origins.ts'
import { type BatchStart, terminate } from './csv-reader.ts'
import { scanText } from './csv-scan.ts'
import type { Split } from './source.ts'

const FIELDS = 4

/** Keeps where each batch of a split starts, in the run's scratch. Returns the file. */
export async function writeStarts(split: Split, context: RunContext, starts: readonly BatchStart[]): Promise<string> {
  const path = `${context.scratch}/starts-${split.index}`
  const numbers = new Float64Array(starts.length * FIELDS)
  starts.forEach(({ ordinal, offset, line, bytes }, index) => {
    numbers.set([ordinal, offset, line, bytes], index * FIELDS)
  })
  await writeFile(path, numbers)
  return path
}

export async function readStarts(path: string): Promise<readonly BatchStart[]> {
  const bytes = await readFile(path)
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength))
  return Array.from({ length: numbers.length / FIELDS }, (_, index) => {
    const [ordinal, offset, line, length] = numbers.subarray(index * FIELDS, (index + 1) * FIELDS)
    return { ordinal, offset, line, bytes: length } as BatchStart
  })
}

export interface RereadOptions {
  /** Closed in the end. */
  readonly ranges: RangeReader
  readonly source: string
  readonly starts: readonly BatchStart[]
  readonly columns: readonly string[]
  readonly header: boolean
  readonly bytes: CsvBytes
  readonly maxRecordBytes: number
  readonly decoded: boolean
  readonly pool: BatchPool
}

/** Reads the batches that hold the wanted records again, each once, and yields those records. */
export async function* rereadRecords(
  ordinals: Iterable<number>,
  options: RereadOptions,
): AsyncGenerator<Iterable<SourceRecord>, void, void> {
  const { starts, source, ranges } = options
  const memory = await options.pool.acquire()
  const wanted = ordinals[Symbol.iterator]()
  try {
    let next = wanted.next()
    for (let batch = 0; !next.done; batch++) {
      const end = starts[batch + 1]?.ordinal ?? Number.POSITIVE_INFINITY
      if (next.value >= end) continue
      memory.reset()
      const origins = await load(starts[batch] as BatchStart)
      yield recordsBefore(end, origins)
    }

    function* recordsBefore(end: number, origins: CsvOrigins): Generator<SourceRecord, void, void> {
      for (let row = 0; !next.done && next.value < end; next = wanted.next()) {
        while (origins.ordinal(row) < next.value) row++
        if (origins.ordinal(row) !== next.value) throw lost(source, next.value)
        yield origins.record(row)
      }
    }
  } finally {
    options.pool.release(memory)
    await ranges.close()
  }

  async function load(start: BatchStart): Promise<CsvOrigins> {
    const { source, columns, bytes, maxRecordBytes } = options
    const address = memory.allocate(start.bytes + 1)
    const bytesRead = await ranges.read(address, start.bytes, start.offset)
    const piece = { memory, start: address, end: address + bytesRead, offset: start.offset, final: true, release() {} }
    const text = scanText(memory, address, terminate(piece), {
      bytes,
      columns: columns.length,
      maxRecordBytes,
      labels: options.header ? columns : undefined,
      decoded: options.decoded,
      final: true,
    })
    const place = { source, columns, bytes, firstOrdinal: start.ordinal, firstByte: address, firstLine: start.line }
    return new CsvOrigins({ ...place, blanks: [] }, piece, text)
  }
}

function lost(source: string, ordinal: number): SluiceError {
  return new SluiceError('source-changed', `${source}: record ${ordinal + 1} is not where it was read before.`)
}
