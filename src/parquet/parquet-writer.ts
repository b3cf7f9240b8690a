import type { BatchPool } from '../records/batch-pool.ts'
import type { Column } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { LIVE } from '../records/span.ts'
import { BlockOutput, type FileOutput } from './block-output.ts'
import type { Cells, ColumnCells } from './column-cells.ts'
import { ColumnWriter, type EncodedChunk, type EncodedPage } from './column-writer.ts'
import type { Compression } from './compressor.ts'
import { encodeFooter, type Footer, MAGIC } from './footer.ts'
import { SLICE_ROWS } from './page-buffer.ts'
import { type ColumnChunk, type RowGroup, shifted } from './row-group.ts'
import { schemaElements } from './schema-elements.ts'
import { WriterMemory } from './writer-memory.ts'

export interface WriterOptions {
  readonly compression: Compression
  /** A row group ends when it has so many rows, or so many bytes before compression. */
  readonly rowGroupRows: number
  readonly rowGroupBytes: number
  /** Whether dictionaries are tried; default true. */
  readonly dictionaries?: boolean
  /** What is gathered for a write; less where many files are written at a time. */
  readonly blockBytes?: number
  /** Of writers that are filled in turns, and who made it closes it; without it a writer has its own. */
  readonly memory?: WriterMemory
  readonly createdBy: string
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Writes one Parquet file out of batches, in memory that does not grow with it: a row group is held as compressed pages,
 * and is written while the next one is filled. Only its footer grows.
 */
export class ParquetWriter {
  rows = 0
  readonly #options: WriterOptions
  readonly #memory: WriterMemory
  readonly #output: BlockOutput
  readonly #columns: readonly ColumnWriter[]
  readonly #rowGroups: RowGroup[] = []
  #prepared: { readonly batch: RecordBatch; readonly cells: readonly Cells[] } | undefined
  #groupRows = 0
  #settled = 0
  #flushing: Promise<void>

  /** The columns may have been written to another file before: what is known of them holds for all. */
  constructor(columns: readonly ColumnCells[], pool: BatchPool, output: FileOutput, options: WriterOptions) {
    this.#options = options
    this.#memory = options.memory ?? new WriterMemory(pool, options.compression)
    this.#output = new BlockOutput(output, options.blockBytes)
    this.#columns = columns.map((column) => new ColumnWriter(column, this.#memory, options.dictionaries))
    this.#flushing = this.#output.append(MAGIC)
    this.#flushing.catch(() => {})
  }

  /**
   * Bytes up to the row group before the last one that ended: the same for the same rows, whatever is on its way.
   */
  get byteLength(): number {
    return this.#settled
  }

  /** Of the row group that is being filled, before compression. */
  get pendingBytes(): number {
    return this.#columns.reduce((sum, { byteLength }) => sum + byteLength, 0)
  }

  /** Bytes that the row group which is being filled takes in memory at most; the same for the same rows. */
  get heldBytes(): number {
    return this.#columns.reduce((sum, { heldBytes }) => sum + heldBytes, 0)
  }

  /**
   * Takes the live ones of the rows [from, to) of a batch, up to the end of a row group at most. Returns the row to go on
   * with.
   */
  async write(batch: RecordBatch, from = 0, to: number = batch.rows): Promise<number> {
    const cells = this.#prepare(batch)
    for (let row = from; row < to; ) {
      const end = this.#rowsThatFit(batch, row, to)
      await this.#append(cells, batch, row, end)
      row = end
      if (this.#groupRows >= this.#options.rowGroupRows || this.pendingBytes >= this.#options.rowGroupBytes) {
        await this.endRowGroup()
        return row
      }
    }
    this.#prepared = undefined
    return to
  }

  /** Begins to write the rows so far, which then take no memory. */
  async endRowGroup(): Promise<void> {
    if (this.#groupRows === 0) return
    this.#groupRows = 0
    const chunks: EncodedChunk[] = []
    for (const column of this.#columns) chunks.push(await column.end())
    await this.#flushing
    this.#settled = this.#output.offset
    this.#flushing = this.#flush(chunks)
    this.#flushing.catch(() => {})
  }

  /** Ends the row group and gives back what it made room for: the next rows may be far. */
  async shed(): Promise<void> {
    await this.endRowGroup()
    for (const column of this.#columns) column.shrink()
  }

  /** Rows that stand encoded in another file, whose bytes come in pieces. */
  async copy(group: RowGroup, pieces: AsyncIterable<Uint8Array>): Promise<void> {
    await this.endRowGroup()
    await this.#flushing
    this.#rowGroups.push(shifted(group, this.#output.offset - group.offset))
    for await (const piece of pieces) await this.#output.append(piece)
    this.rows += group.rows
  }

  /** Writes all that is left, and the footer. */
  async finish(): Promise<Footer> {
    await this.endRowGroup()
    await this.#flushing
    const { createdBy, metadata = {} } = this.#options
    const fields = this.#columns.map((column) => column.field())
    const elements = schemaElements(fields)
    const footer = { elements, rowGroups: this.#rowGroups, codec: this.#memory.compressor.codec, createdBy, metadata }
    await this.#output.append(encodeFooter(footer))
    await this.#output.flush()
    return footer
  }

  /** Waits for what is at work and gives the memory back, finished or not. */
  async close(): Promise<void> {
    await this.#flushing.catch(() => {})
    for (const column of this.#columns) column.free()
    if (this.#options.memory === undefined) await this.#memory.close()
  }

  /** Once for a batch, in however many row groups its rows come. */
  #prepare(batch: RecordBatch): readonly Cells[] {
    if (this.#prepared?.batch !== batch) {
      const cells = this.#columns.map((column, index) => column.prepare(batch.columns[index] as Column, batch))
      this.#prepared = { batch, cells }
    }
    return this.#prepared.cells
  }

  /** Up to the end of the row group, in slices, so that its bytes are looked at. */
  #rowsThatFit({ mask }: RecordBatch, from: number, to: number): number {
    const room = this.#options.rowGroupRows - this.#groupRows
    const end = Math.min(to, from + SLICE_ROWS)
    if (end - from <= room) return end
    let live = 0
    for (let row = from; row < end; row++) {
      if (mask[row] === LIVE && ++live === room) return row + 1
    }
    return end
  }

  async #append(cells: readonly Cells[], batch: RecordBatch, from: number, to: number): Promise<void> {
    const live = this.#memory.kernels.countLive(batch.live + from, to - from)
    if (live === 0) return
    for (const [index, column] of this.#columns.entries()) {
      await column.append(cells[index] as Cells, batch.live, from, to)
    }
    this.#groupRows += live
    this.rows += live
  }

  async #flush(chunks: readonly EncodedChunk[]): Promise<void> {
    const offset = this.#output.offset
    const columns: ColumnChunk[] = []
    for (const chunk of chunks) columns.push(await this.#flushChunk(chunk))
    this.#rowGroups.push({
      rows: chunks[0]?.rows ?? 0,
      offset,
      compressed: this.#output.offset - offset,
      uncompressed: columns.reduce((sum, { uncompressed }) => sum + uncompressed, 0),
      columns,
    })
  }

  async #flushChunk({ rows, encodings, hasDictionary, pages, statistics }: EncodedChunk): Promise<ColumnChunk> {
    const start = this.#output.offset
    let uncompressed = 0
    const put = async (page: EncodedPage) => {
      uncompressed += page.uncompressed
      await this.#output.append(page.header)
      await this.#output.append(page.bytes)
    }
    const [first, ...others] = pages
    if (first !== undefined) await put(await first)
    const dataOffset = hasDictionary ? this.#output.offset : start
    for (const page of others) await put(await page)
    const compressed = this.#output.offset - start
    const dictionaryOffset = hasDictionary ? start : undefined
    return { encodings, values: rows, compressed, uncompressed, dataOffset, dictionaryOffset, statistics }
  }
}
