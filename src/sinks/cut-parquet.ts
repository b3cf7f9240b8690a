import { rename } from 'node:fs/promises'
import { ColumnCells } from '../parquet/column-cells.ts'
import { ParquetWriter } from '../parquet/parquet-writer.ts'
import { type Footer, readFooter } from '../parquet/read-footer.ts'
import { RowGroupReader } from '../parquet/read-row-group.ts'
import type { RowGroup } from '../parquet/row-group.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import { DetachedOrigins } from '../records/detached-origins.ts'
import { RecordBatch } from '../records/record-batch.ts'
import { schemaOfFields } from '../records/schema.ts'
import { GONE, LIVE } from '../records/span.ts'
import type { NumberList } from '../storage/number-file.ts'
import { StagedFile } from '../storage/staged-file.ts'
import type { StagedPart } from '../storage/target.ts'
import { type Drops, openDrops } from './drops.ts'
import type { ParquetFormat, ParquetPart } from './parquet-staging.ts'
import { frames } from './row-frames.ts'
import type { SealedPart, WriteResources } from './sink.ts'
import { readStaged, StagedParquet } from './staged-parquet.ts'

/**
 * Takes rows out of the files of a split. Row groups that lose none are copied as they are; the others are read, and what
 * is left of them is encoded anew. Memory: a piece of a row group.
 */
export async function cutParquet(
  part: SealedPart,
  drops: NumberList,
  format: ParquetFormat,
  resources: WriteResources,
): Promise<ParquetPart> {
  const { index, ordered, files, ...rest } = part as ParquetPart
  if (index === undefined) throw new Error('the part was staged without an index')
  const wanted = openDrops(drops, ordered !== false)
  try {
    const dropped = new DroppedRows(droppedRows(index, wanted))
    const kept: StagedPart[] = []
    let first = 0
    for (const file of files) {
      const end = first + file.rows
      kept.push(dropped.next < end ? await cutFile(file, { first, dropped }, format, resources) : file)
      first = end
    }
    const sum = (of: (file: StagedPart) => number) => kept.reduce((total, file) => total + of(file), 0)
    const sha256 = (kept[0] as StagedPart).sha256
    return { ...rest, sha256, bytes: sum((file) => file.bytes), rows: sum((file) => file.rows), files: kept }
  } finally {
    wanted.close()
  }
}

/** The numbers of the rows that go, counted over all files of the split; ascending. */
function* droppedRows(index: string, wanted: Drops): Generator<number, void, void> {
  for (const { offset, rows, firstOrdinal, ordinals } of frames(index)) {
    for (let row = 0; row < rows; row++) {
      if (wanted.has(firstOrdinal + (ordinals[row] as number))) yield offset + row
    }
  }
}

class DroppedRows {
  /** Infinity when there are no more. */
  next = -1
  readonly #rows: Iterator<number>

  constructor(rows: Iterator<number>) {
    this.#rows = rows
    this.advance()
  }

  advance(): void {
    const { done, value } = this.#rows.next()
    this.next = done ? Number.POSITIVE_INFINITY : value
  }
}

interface Dropping {
  /** The number of the file's first row. */
  readonly first: number
  readonly dropped: DroppedRows
}

async function cutFile(
  part: StagedPart,
  { first, dropped }: Dropping,
  format: ParquetFormat,
  { pool, io }: WriteResources,
): Promise<StagedPart> {
  await using staged = await StagedParquet.open(part)
  const { footer } = await staged.footer()
  const readable = await readFooter(staged)
  const columns = readable.fields.map((field) => new ColumnCells(field, field.fieldId))
  const output = await StagedFile.create(`${part.path}.cut`, pool.linear, io)
  const writer = new ParquetWriter(columns, pool, output, { ...format, metadata: footer.metadata })
  try {
    let from = first
    for (const [index, group] of footer.rowGroups.entries()) {
      if (dropped.next < from + group.rows) await rewrite(readable, index, { staged, writer, pool, from, dropped })
      else await copy(group, staged, writer)
      from += group.rows
    }
    await writer.finish()
    const { bytes, sha256 } = await output.seal()
    await rename(`${part.path}.cut`, part.path)
    return { ...part, bytes, sha256, rows: writer.rows }
  } finally {
    await writer.close()
    await output.close()
  }
}

async function copy(group: RowGroup, staged: StagedParquet, writer: ParquetWriter): Promise<void> {
  await writer.copy(group, staged.pieces(group.offset, group.offset + group.compressed))
}

interface Rewriting {
  readonly staged: StagedParquet
  readonly writer: ParquetWriter
  readonly pool: BatchPool
  /** The number of the group's first row. */
  readonly from: number
  readonly dropped: DroppedRows
}

async function rewrite(footer: Footer, index: number, rewriting: Rewriting): Promise<void> {
  const { staged, writer, pool, dropped } = rewriting
  const schema = schemaOfFields(footer.fields)
  const reader = new RowGroupReader(staged, footer, index, schema.columns)
  let { from } = rewriting
  while (reader.left > 0) {
    const memory = await pool.acquire()
    try {
      const { rows, columns } = await readStaged(reader, memory)
      const live = memory.allocate(rows)
      const { bytes } = memory.linear
      for (let row = 0; row < rows; row++) {
        bytes[live + row] = from + row === dropped.next ? GONE : LIVE
        if (from + row === dropped.next) dropped.advance()
      }
      const batch = new RecordBatch({ memory, schema, columns, rows, live, origins: NOWHERE })
      for (let row = 0; row < rows; ) row = await writer.write(batch, row)
      from += rows
    } finally {
      pool.release(memory)
    }
  }
}

/** Their records are known by the index. */
const NOWHERE = new DetachedOrigins('', [], [])
