import type { BatchMemory } from '../records/batch-memory.ts'
import type { TypedColumn } from '../records/typed-column.ts'
import { isBytes } from '../records/types/types.ts'
import { type ParquetFile, unreadable } from './parquet-file.ts'
import { fillColumn, type ReadProblem } from './read-fill.ts'
import type { ColumnChunk } from './read-footer.ts'
import { type ChunkForm, Page, readDictionary, type Slice, splitSlice } from './read-page.ts'
import type { PageHeader } from './read-page-header.ts'
import { Pages } from './read-pages.ts'
import type { ParquetField } from './read-schema.ts'
import type { Values } from './read-values.ts'

/** One column of one row group, from its first row to its last. */
export class ColumnReader {
  readonly #file: ParquetFile
  readonly #field: ParquetField
  readonly #form: ChunkForm
  readonly #pages: Pages
  #dictionary: Values | undefined
  /** Pages that are unpacked, and rows of them that are decoded, in order: the rows come first. */
  readonly #loaded: Page[] = []
  #slices: Slice[] = []
  /** Rows that no page was loaded for. */
  #left: number

  constructor(file: ParquetFile, field: ParquetField, chunk: ColumnChunk, rows: number) {
    if (chunk.encrypted) throw unreadable(file, `column "${field.name}" is encrypted. Write it without encryption.`)
    this.#file = file
    this.#field = field
    if (chunk.values !== rows) throw this.#damaged(`it has ${chunk.values} values for ${rows} rows`)
    this.#form = { field, codec: chunk.codec }
    this.#pages = new Pages(file, chunk, (work) => this.#decoding(work))
    this.#left = rows
  }

  /** Rows that are at hand. */
  get ready(): number {
    return sum(this.#slices, ({ rows }) => rows) + sum(this.#loaded, ({ rows }) => rows)
  }

  /** Loads pages until so many rows or bytes are at hand, or all. */
  async load(rows: number, bytes: number): Promise<void> {
    while (this.#left > 0 && this.ready < rows && sum(this.#loaded, (page) => page.plainBytes) < bytes) {
      const packed = await this.#pages.take(await this.#dataHeader())
      const page = this.#decoding(() => new Page(packed, this.#form, this.#dictionary))
      this.#left -= page.rows
      if (page.rows > 0) this.#loaded.push(page)
    }
  }

  /** Passes over rows; whole pages of them are not unpacked. */
  async skip(rows: number): Promise<void> {
    let left = rows
    while (left > 0) {
      if (this.ready === 0) {
        const header = await this.#dataHeader()
        if (header.values <= left) {
          await this.#pages.skip(header)
          this.#left -= header.values
          left -= header.values
          continue
        }
        await this.load(1, 1)
      }
      const some = Math.min(left, this.ready, SKIPPED)
      this.#decode(some)
      this.#cut(some)
      left -= some
    }
  }

  /** How many of the next `rows`, which are at hand, have at most so many bytes; at least one. */
  rowsWithin(rows: number, bytes: number): number {
    if (this.#field.type === undefined || !isBytes(this.#field.type)) return rows
    this.#decode(rows)
    let within = 0
    let left = bytes
    for (const { rows: count, values, valid, places, first } of this.#slices) {
      // All of them are null.
      if (values.kind === 'fixed') {
        within = Math.min(rows, within + count)
        continue
      }
      let value = 0
      for (let row = 0; row < count && within < rows; row++, within++) {
        if (valid !== undefined && valid[row] === 0) continue
        const place = places === undefined ? first + value : (places[value] as number)
        value++
        left -= (values.ends[place] as number) - (values.starts[place] as number)
        if (left < 0) return Math.max(1, within)
      }
    }
    return within
  }

  /** The next `rows`, which are at hand. What is bad becomes null, and is told of. */
  take(memory: BatchMemory, rows: number, tell: (problem: ReadProblem) => void): TypedColumn {
    this.#decode(rows)
    const slices = this.#cut(rows)
    return fillColumn(memory, this.#field, slices, rows, tell)
  }

  /** Of the next page with rows; a dictionary before it is read. */
  async #dataHeader(): Promise<PageHeader> {
    for (;;) {
      const header = await this.#pages.header()
      if (header?.kind === 'dictionary') {
        const page = await this.#pages.take(header)
        this.#dictionary = this.#decoding(() => readDictionary(page, this.#form))
      } else if (header?.kind === 'other') await this.#pages.skip(header)
      else {
        if (header === undefined) throw this.#damaged(`it ends ${this.#left} rows too early`)
        if (header.values > this.#left) throw this.#damaged('it has more rows than its row group')
        return header
      }
    }
  }

  #decode(rows: number): void {
    let missing = rows - sum(this.#slices, (slice) => slice.rows)
    for (let page = this.#loaded[0]; missing > 0 && page !== undefined; page = this.#loaded[0]) {
      const { rows: left } = page
      const slice = this.#decoding(() => (page as Page).read(Math.min(missing, left)))
      missing -= slice.rows
      this.#slices.push(slice)
      if (page.rows === 0) this.#loaded.shift()
    }
  }

  /** Takes decoded rows away. */
  #cut(rows: number): readonly Slice[] {
    const taken: Slice[] = []
    let missing = rows
    while (missing > 0) {
      const slice = this.#slices.shift() as Slice
      if (slice.rows <= missing) taken.push(slice)
      else {
        const [head, tail] = splitSlice(slice, missing)
        taken.push(head)
        this.#slices.unshift(tail)
      }
      missing -= Math.min(missing, slice.rows)
    }
    return taken
  }

  #decoding<R>(work: () => R): R {
    try {
      return work()
    } catch (error) {
      throw this.#damaged((error as Error).message, error)
    }
  }

  #damaged(what: string, cause?: unknown): Error {
    return unreadable(this.#file, `column "${this.#field.name}" is damaged: ${what}. Write the file again.`, cause)
  }
}

function sum<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((total, item) => total + of(item), 0)
}

const SKIPPED = 1 << 13
