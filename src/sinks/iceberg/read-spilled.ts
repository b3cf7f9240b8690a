import { rm } from 'node:fs/promises'
import { readFooter } from '../../parquet/read-footer.ts'
import { RowGroupReader } from '../../parquet/read-row-group.ts'
import type { BatchPool } from '../../records/batch-pool.ts'
import { DetachedOrigins } from '../../records/detached-origins.ts'
import { RecordBatch } from '../../records/record-batch.ts'
import { LIVE } from '../../records/span.ts'
import { readStaged, StagedParquet } from '../staged-parquet.ts'
import type { Spilled } from './spill-files.ts'
import type { TableLayout } from './table-layout.ts'

/** The rows of a file in scratch; each batch is gone when the next one is asked for. The file goes at the end. */
export async function* readSpilled(
  { path, bytes }: Pick<Spilled, 'path' | 'bytes'>,
  layout: TableLayout,
  pool: BatchPool,
): AsyncGenerator<RecordBatch, void, void> {
  {
    await using file = await StagedParquet.open({ path, bytes })
    const footer = await readFooter(file)
    for (const index of footer.rowGroups.keys()) {
      const reader = new RowGroupReader(file, footer, index, layout.rows.columns)
      while (reader.left > 0) yield* nextBatch(reader, layout, pool)
    }
  }
  await rm(path)
}

async function* nextBatch(
  reader: RowGroupReader,
  { rows: schema }: TableLayout,
  pool: BatchPool,
): AsyncGenerator<RecordBatch, void, void> {
  const memory = await pool.acquire()
  try {
    const { rows, columns } = await readStaged(reader, memory)
    const live = memory.allocate(rows)
    memory.linear.bytes.fill(LIVE, live, live + rows)
    yield new RecordBatch({ memory, schema, columns, rows, live, origins: NOWHERE })
  } finally {
    pool.release(memory)
  }
}

const NOWHERE = new DetachedOrigins('', [], [])
