import { SluiceError } from '../errors.ts'
import type { Column } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { BoundsFinder } from './bounds-finder.ts'
import type { Cells, ColumnCells } from './column-cells.ts'
import type { Slot } from './compressor.ts'
import { Dictionary, MOST_ENTRIES } from './dictionary.ts'
import { type Layout, layoutOf } from './layout.ts'
import { encodeLevels, levelBytes } from './levels.ts'
import { PageBuffer } from './page-buffer.ts'
import { dataPageHeader, dictionaryPageHeader, ENCODING, type PageSizes } from './page-header.ts'
import type { ParquetField } from './schema-elements.ts'
import type { Statistics } from './statistics.ts'
import type { WriterMemory } from './writer-memory.ts'

/** A page as the file has it: header and compressed bytes. */
export interface EncodedPage {
  readonly header: Buffer
  readonly bytes: Buffer
  /** Header included. */
  readonly uncompressed: number
}

/** The pages of a column chunk, on their way. */
export interface EncodedChunk {
  readonly rows: number
  readonly encodings: readonly number[]
  /** The first page is a dictionary. */
  readonly hasDictionary: boolean
  readonly pages: readonly Promise<EncodedPage>[]
  readonly statistics: Statistics
}

/** Encodes one column, row group after row group. */
export class ColumnWriter {
  readonly #cells: ColumnCells
  readonly #memory: WriterMemory
  readonly #page: PageBuffer
  #layout: Layout | undefined
  #bounds: BoundsFinder | undefined
  #dictionary: Dictionary | undefined
  /** Whether the chunk may have pages of indices still. */
  #interning: boolean
  /** Chunks that go without, because a dictionary did not pay. */
  #without: number
  #pages: Promise<EncodedPage>[] = []
  #encodings = new Set<number>()
  #rows = 0
  #values = 0
  #bytes = 0

  constructor(cells: ColumnCells, memory: WriterMemory, dictionaries = true) {
    this.#cells = cells
    this.#memory = memory
    this.#page = new PageBuffer(memory.linear)
    this.#interning = dictionaries
    this.#without = dictionaries ? 0 : Number.POSITIVE_INFINITY
  }

  /** What the footer says of it. A column without a value is text. */
  field(): ParquetField {
    const { name, nullable, fieldId } = this.#cells
    return { name, type: this.#cells.settle(), nullable, fieldId }
  }

  /** Of the row group so far, before compression. */
  get byteLength(): number {
    return this.#bytes + this.#page.byteLength
  }

  /** Bytes of linear memory, and of pages that wait: of these what they were before compression, which is known. */
  get heldBytes(): number {
    return this.#bytes + this.#page.size + (this.#dictionary?.size ?? 0)
  }

  prepare(column: Column, batch: RecordBatch): Cells {
    return this.#cells.of(column, batch)
  }

  /** Takes the live ones of rows [from, to) of a batch. */
  async append(cells: Cells, live: number, from: number, to: number): Promise<void> {
    for (let row = from; ; ) {
      row = this.#pack(cells, live, row, to)
      if (row < to) {
        if (!this.#page.grow()) await this.#endPage()
        continue
      }
      if (this.#page.isFull) await this.#endPage()
      return
    }
  }

  /** Ends the column chunk; the next rows begin another one. */
  async end(): Promise<EncodedChunk> {
    await this.#endPage()
    const hasDictionary = await this.#endDictionary()
    const nulls = this.#rows - this.#values
    const { bounds, nans } = this.#bounds?.take() ?? {}
    const chunk = {
      rows: this.#rows,
      encodings: [...this.#encodings].sort((a, b) => a - b),
      hasDictionary,
      pages: this.#pages,
      statistics: { nulls, nans, bounds },
    }
    this.#pages = []
    this.#encodings = new Set()
    this.#rows = 0
    this.#values = 0
    this.#bytes = 0
    this.#interning = this.#without === 0
    if (this.#without > 0) this.#without--
    return chunk
  }

  /** Gives back what a chunk made room for; call between chunks. */
  shrink(): void {
    this.#page.shrink()
    this.#dropDictionary()
  }

  free(): void {
    this.#page.free()
    this.#bounds?.free()
    this.#dropDictionary()
  }

  #pack(cells: Cells, live: number, from: number, to: number): number {
    const { kernels, noText } = this.#memory
    const page = this.#page.address
    if (cells.kind === 'nulls') return kernels.packText(noText, 0, from, to, live, 0, page)
    if (cells.kind === 'spans') {
      return kernels.packText(cells.spans.address, cells.spans.stride, from, to, live, cells.validity, page)
    }
    const { width } = layoutOf(this.#cells.settle())
    return kernels.packFixed(cells.address, cells.stride, width, from, to, live, cells.validity, page)
  }

  async #endPage(): Promise<void> {
    const page = this.#page
    const { rows, count } = page
    if (rows === 0) return
    if (!this.#cells.nullable && count < rows) throw this.#missing()
    if (count > 0) this.#arrange(count)
    const indices = this.#indices(count)
    if (indices === undefined || !this.#boundsInDictionary) this.#bounds?.add(page.values, count)
    const slot = await this.#memory.compressor.slot(levelBytes(rows) + Math.max(page.byteLength, count * 4) + ROOM)
    const { linear, kernels } = this.#memory
    let end = this.#cells.nullable ? encodeLevels(linear.bytes, page, slot.address) : slot.address
    if (indices !== undefined) {
      const width = Math.max(1, 32 - Math.clz32((this.#dictionary as Dictionary).known - 1))
      linear.bytes[end++] = width
      end = kernels.encodeIndices(indices, count, width, end)
    } else if (this.#layout?.order === 'boolean') end = kernels.packBits(page.values, count, end)
    else {
      linear.bytes.copyWithin(end, page.values, page.values + page.byteLength)
      end += page.byteLength
    }
    const encoding = indices === undefined ? ENCODING.plain : ENCODING.dictionary
    this.#encodings.add(encoding).add(ENCODING.rle)
    this.#pages.push(this.#compress(slot, end - slot.address, (sizes) => dataPageHeader(sizes, rows, encoding)))
    this.#rows += rows
    this.#values += count
    page.clear()
  }

  /** Before the first values of a column nobody knows how they lie. */
  #arrange(count: number): void {
    const { linear, kernels } = this.#memory
    const type = this.#cells.settle()
    this.#layout ??= layoutOf(type)
    this.#bounds ??= new BoundsFinder(linear, kernels, this.#layout, type.kind === 'string')
    if (this.#layout.bigEndian) kernels.reverseBytes(this.#page.values, count, this.#layout.width)
  }

  /** Undefined when the values are to be written themselves. */
  #indices(count: number): number | undefined {
    const layout = this.#layout
    if (!this.#interning || count === 0 || layout === undefined || layout.order === 'boolean') return undefined
    const { linear, kernels } = this.#memory
    this.#dictionary ??= new Dictionary(linear, kernels, layout.width)
    const indices = this.#memory.indices(count)
    const most = Math.min(MOST_ENTRIES, Math.floor((this.#values + count) * MOST_DISTINCT))
    if (this.#dictionary.intern(this.#page.values, count, indices, most)) return indices
    this.#interning = false
    if (this.#dictionary.known === 0) {
      this.#without = CHUNKS_WITHOUT
      this.#dropDictionary()
    }
    return undefined
  }

  #dropDictionary(): void {
    this.#dictionary?.free()
    this.#dictionary = undefined
  }

  /** Every entry is in some page, so their bounds are those of all pages of indices; but NaN is counted row by row. */
  get #boundsInDictionary(): boolean {
    return this.#layout?.order === 'text'
  }

  async #endDictionary(): Promise<boolean> {
    const dictionary = this.#dictionary
    if (dictionary === undefined || dictionary.known === 0) return false
    const { address, byteLength, known } = dictionary
    if (this.#boundsInDictionary) this.#bounds?.add(address, known)
    const slot = await this.#memory.compressor.slot(byteLength + ROOM)
    const { bytes } = this.#memory.linear
    bytes.copyWithin(slot.address, address, address + byteLength)
    this.#encodings.add(ENCODING.plain)
    dictionary.clear()
    this.#pages.unshift(this.#compress(slot, byteLength, (sizes) => dictionaryPageHeader(sizes, known)))
    return true
  }

  #compress(slot: Slot, byteLength: number, header: (sizes: PageSizes) => Buffer): Promise<EncodedPage> {
    this.#bytes += byteLength
    const page = this.#memory.compressor.compress(slot, byteLength).then((bytes) => {
      const encoded = header({ uncompressed: byteLength, compressed: bytes.length })
      return { header: encoded, bytes, uncompressed: encoded.length + byteLength }
    })
    // Whoever waits for the chunk hears of a failure.
    page.catch(() => {})
    return page
  }

  #missing(): SluiceError {
    const { name } = this.#cells
    return new SluiceError('transform-failed', `The column ${name} has a null, which its schema rules out.`, {
      context: { column: name },
    })
  }
}

/** Entries for each value: with more of them, values take less room than entries and indices. */
const MOST_DISTINCT = 1 / 3
/** So many are not looked at again. */
const CHUNKS_WITHOUT = 15
/** Behind a page, for what its encoding adds and for kernels. */
const ROOM = 128
