import { RowGroupReader } from '../parquet/read-row-group.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import type { SourceRecord } from '../records/origins.ts'
import { batchLimits, shown } from './parquet-batches.ts'
import type { ParquetInput } from './parquet-input.ts'
import { ParquetOrigins } from './parquet-origins.ts'
import type { Split } from './source.ts'

/** Reads the wanted records again, and closes the input when they are read or no more are asked for. */
export async function* rereadParquet(
  ordinals: Iterable<number>,
  split: Split,
  input: ParquetInput,
  pool: BatchPool,
): AsyncGenerator<Iterable<SourceRecord>, void, void> {
  try {
    yield* wantedRecords(ordinals, split, input, pool)
  } finally {
    await input.close()
  }
}

/** What lies between the records is passed over, pages at a time. */
async function* wantedRecords(
  ordinals: Iterable<number>,
  { source }: Split,
  input: ParquetInput,
  pool: BatchPool,
): AsyncGenerator<Iterable<SourceRecord>, void, void> {
  const memory = await pool.acquire()
  const wanted = ordinals[Symbol.iterator]()
  const { file, footer, fields, view } = input
  const read = fields.map(({ name }) => name)
  const columns = view?.fields.map(({ name }) => name) ?? read
  try {
    let next = wanted.next()
    let first = 0
    for (const [index, { rows, start: offset }] of footer.rowGroups.entries()) {
      if (next.done) return
      const end = first + rows
      const reader = next.value < end ? new RowGroupReader(file, footer, index, read) : undefined
      for (let at = first; reader !== undefined && !next.done && next.value < end; at = end - reader.left) {
        if (next.value > at) await reader.skip(next.value - at)
        memory.reset()
        const place = { source, columns, first: end - reader.left, offset }
        const part = shown(memory, await reader.next(memory, batchLimits(fields)), input)
        const { columns: content, problems } = part
        yield recordsBefore(end - reader.left, new ParquetOrigins(memory, { ...place, content, problems }))
      }
      first = end
    }

    function* recordsBefore(end: number, origins: ParquetOrigins): Generator<SourceRecord, void, void> {
      for (; !next.done && next.value < end; next = wanted.next()) {
        yield origins.record(next.value - origins.consecutiveFrom)
      }
    }
  } finally {
    pool.release(memory)
  }
}
