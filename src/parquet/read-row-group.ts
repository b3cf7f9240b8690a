import type { BatchMemory } from '../records/batch-memory.ts'
import type { TypedColumn } from '../records/typed-column.ts'
import { type ParquetFile, unreadable } from './parquet-file.ts'
import { ColumnReader } from './read-column.ts'
import type { ReadProblem } from './read-fill.ts'
import type { Footer, RowGroup } from './read-footer.ts'
import type { ParquetField } from './read-schema.ts'

/** What one call of `next` may take. */
export interface BatchLimits {
  readonly rows: number
  /** Of text and bytes, in each column. */
  readonly bytes: number
}

export interface RowGroupPart {
  readonly rows: number
  readonly columns: readonly TypedColumn[]
  /** Values that became null, for their type cannot hold them exactly. */
  readonly problems: readonly ReadProblem[]
}

/**
 * Reads a row group piece by piece. What it holds besides the piece is, of each column, a stretch of packed bytes, the
 * pages that the next piece lies in, and the dictionary.
 */
export class RowGroupReader {
  readonly #columns: readonly ColumnReader[]
  /** Rows that were not read. */
  left: number

  /** Throws `source-failed` for columns that cannot be read. */
  constructor(file: ParquetFile, footer: Footer, index: number, columns: readonly string[]) {
    const group = footer.rowGroups[index] as RowGroup
    this.left = group.rows
    this.#columns = columns.map((name) => {
      const field = readableField(file, footer, name)
      const chunk = group.chunks[field.leaf]
      if (chunk === undefined)
        throw unreadable(file, `its footer is damaged: column "${name}" is not in row group ${index}.`)
      return new ColumnReader(file, field, chunk, group.rows)
    })
  }

  /** The next rows: at least one, as long as there are some. */
  async next(memory: BatchMemory, limits: BatchLimits): Promise<RowGroupPart> {
    await together(this.#columns.map((column) => column.load(limits.rows, limits.bytes)))
    let rows = Math.min(limits.rows, this.left, ...this.#columns.map((column) => column.ready))
    for (const column of this.#columns) rows = column.rowsWithin(rows, limits.bytes)
    const problems: ReadProblem[] = []
    const columns = this.#columns.map((column) => column.take(memory, rows, (problem) => problems.push(problem)))
    this.left -= rows
    return { rows, columns, problems }
  }

  async skip(rows: number): Promise<void> {
    await together(this.#columns.map((column) => column.skip(rows)))
    this.left -= rows
  }
}

/**
 * The rows [from, to) of a row group, all of them by default, in one piece: for row groups that fit in memory.
 *
 * @throws SluiceError `source-failed`, also for a value that its type cannot hold exactly.
 */
export async function readRowGroup(
  file: ParquetFile,
  footer: Footer,
  index: number,
  columns: readonly string[],
  memory: BatchMemory,
  [from, to]: readonly [from: number, to: number] = [0, footer.rowGroups[index]?.rows ?? 0],
): Promise<readonly TypedColumn[]> {
  const reader = new RowGroupReader(file, footer, index, columns)
  if (from > 0) await reader.skip(from)
  const part = await reader.next(memory, { rows: to - from, bytes: Number.POSITIVE_INFINITY })
  const [problem] = part.problems
  if (problem === undefined) return part.columns
  const { column, value, message } = problem
  throw unreadable(file, `column "${column}": ${value} ${message}.`)
}

/** Throws `source-failed` for a column that the file lacks or that cannot be read. */
export function readableField(file: ParquetFile, { fields }: Footer, name: string): ParquetField {
  const field = fields.find((candidate) => candidate.name === name)
  const names = fields.filter(({ form }) => form !== undefined).map((candidate) => candidate.name)
  if (field === undefined) throw unreadable(file, `it has no column "${name}", but ${names.join(', ')}.`)
  if (field.form !== undefined) return field
  const fix = names.length === 0 ? 'No column of it can be.' : `Select others with \`columns\`: ${names.join(', ')}.`
  throw unreadable(file, `column "${name}" is ${field.unsupported}, which cannot be read. ${fix}`)
}

/** Waits for all of them, so that none is under way when one has failed. */
async function together(work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) if (result.status === 'rejected') throw result.reason
}
