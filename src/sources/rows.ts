import { closeSync, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { BOOLEAN, COLUMN_NAMES, checkOptions, TEXT } from '../config/check-options.ts'
import type { RunContext } from '../context.ts'
import { asSluiceError, SluiceError } from '../errors.ts'
import { formatCell } from '../records/column.ts'
import { DetachedOrigins } from '../records/detached-origins.ts'
import type { SourceRecord } from '../records/origins.ts'
import { type Fault, faultList, RecordBatch } from '../records/record-batch.ts'
import { RowColumns } from '../records/row-columns.ts'
import { type Schema, schemaOf, schemaOfRow } from '../records/schema.ts'
import type { Shape } from '../records/shape.ts'
import { LIVE } from '../records/span.ts'
import { ValueColumn } from '../records/value-column.ts'
import { abortable } from '../storage/abortable.ts'
import { LetterFile, letterPlaces } from '../validation/letter-file.ts'
import type { ReadResources, Source, SourcePlan, Split, SplitEnd } from './source.ts'

export interface ReadRowsOptions {
  /** Default: the keys of the first row. */
  readonly columns?: readonly string[]
  /** Accept no rows at all; default false. */
  readonly allowEmpty?: boolean
  /** What dead letters and `_source` call it; default `rows`. */
  readonly name?: string
}

/**
 * Reads plain objects: an array, a generator, an object-mode stream, or anything that can be iterated. A dead letter
 * holds the row as JSON; its `line` is the row's number, and byte offsets count the rows as lines of JSON.
 */
export function readRows<T extends Shape>(
  rows: Iterable<T> | AsyncIterable<T>,
  options: ReadRowsOptions = {},
): Source<T> {
  if (rows === null || typeof rows !== 'object' || !(Symbol.iterator in rows || Symbol.asyncIterator in rows)) {
    throw new SluiceError('job-invalid', 'readRows needs an array, a generator, a stream or another iterable.')
  }
  checkOptions<ReadRowsOptions>('readRows', options, { columns: COLUMN_NAMES, allowEmpty: BOOLEAN, name: TEXT })
  return new RowSource(rows, options)
}

class RowSource<T extends Shape> implements Source<T> {
  readonly description: Readonly<Record<string, unknown>>
  readonly format = { type: 'json' }
  readonly #rows: Iterable<T> | AsyncIterable<T>
  readonly #options: ReadRowsOptions
  readonly #name: string

  constructor(rows: Iterable<T> | AsyncIterable<T>, options: ReadRowsOptions) {
    this.#rows = rows
    this.#options = options
    this.#name = options.name ?? 'rows'
    this.description = { type: 'rows', ...options }
  }

  async plan(_context: RunContext): Promise<SourcePlan> {
    const source = this.#name
    return { splits: [{ index: 0, source }], bytes: undefined, inputs: [{ source }] }
  }

  async *read(split: Split, resources: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void> {
    const { context, pool, io, keep } = resources
    const spool = keep ? new LetterFile(spoolPath(split, context), { linear: pool.linear, io }) : undefined
    const { columns } = this.#options
    const reading = new Reading(split.source, columns === undefined ? undefined : schemaOf(columns), resources)
    try {
      let rows: unknown[] = []
      for await (const row of interruptible(this.#rows, split.source, context.signal)) {
        await spool?.add(`${jsonOf(row)}\n`, spool.letters)
        rows.push(row)
        if (rows.length < BATCH_ROWS) continue
        yield reading.batch(rows, await pool.acquire())
        rows = []
      }
      if (rows.length > 0 || reading.records === 0) yield reading.batch(rows, await pool.acquire())
      await spool?.seal({ durable: false })
    } finally {
      await spool?.close()
    }
    const { records, schema, bytes } = reading
    if (records === 0 && !this.#options.allowEmpty) {
      throw new SluiceError('empty-source', `${split.source} has no rows. Set \`allowEmpty: true\` if that is right.`)
    }
    return { records, lines: records, bytes, columns: schema?.columns ?? [] }
  }

  async *reread(
    split: Split,
    { records }: SplitEnd,
    ordinals: Iterable<number>,
    { context }: ReadResources,
  ): AsyncGenerator<Iterable<SourceRecord>, void, void> {
    const path = spoolPath(split, context)
    const file = openSync(path, 'r')
    const lines = letterPlaces({ path: `${path}.index`, size: records * 2 })
    try {
      for (const wanted of ordinals) {
        let line = lines.next()
        while (!line.done && line.value.ordinal < wanted) line = lines.next()
        if (line.done) throw new SluiceError('internal', 'the rows that were kept are not all there')
        const { start, end } = line.value
        const bytes = Buffer.alloc(end - start - 1)
        readSync(file, bytes, 0, bytes.length, start)
        yield [recordOf(JSON.parse(bytes.toString()), wanted, start, bytes.toString())]
      }
    } finally {
      lines.return()
      closeSync(file)
    }
  }

  async verify(): Promise<void> {}
}

/** The rows, but an abort ends the wait for the next one, which may never come. Throws `source-failed`. */
async function* interruptible<T>(
  rows: Iterable<T> | AsyncIterable<T>,
  source: string,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  const pull = pulling(rows, source)
  let state: 'waiting' | 'waited' | 'ended' = 'waiting'
  try {
    for (;;) {
      state = 'waiting'
      const next = pull.next()
      const { done, value } = next instanceof Promise ? await abortable(next, signal) : next
      state = done ? 'ended' : 'waited'
      if (done) return
      yield value
    }
  } finally {
    if (state === 'waited') await pull.return()
    // It would return only when it has what it waits for.
    if (state === 'waiting') (rows as Partial<Readable>).destroy?.()
  }
}

/** The program's own iterator. What it throws is a failure of the source, under its name. */
function pulling<T>(rows: Iterable<T> | AsyncIterable<T>, source: string) {
  const failed = (error: unknown): never => {
    throw asSluiceError(error, 'source-failed', `Cannot read ${source}`)
  }
  const guarded = <R>(fn: () => R): R => {
    try {
      return fn()
    } catch (error) {
      return failed(error)
    }
  }
  if (Symbol.asyncIterator in rows) {
    const iterator = guarded(() => rows[Symbol.asyncIterator]())
    const next = () => Promise.resolve(guarded(() => iterator.next())).catch(failed)
    return { next, return: () => iterator.return?.() }
  }
  const iterator = guarded(() => rows[Symbol.iterator]())
  return { next: () => guarded(() => iterator.next()), return: () => iterator.return?.() }
}

/** Makes batches of rows, numbering them. */
class Reading {
  records = 0
  bytes = 0
  schema: Schema | undefined
  readonly #source: string
  readonly #resources: ReadResources

  constructor(source: string, schema: Schema | undefined, resources: ReadResources) {
    this.#source = source
    this.schema = schema
    this.#resources = resources
  }

  batch(rows: readonly unknown[], memory: RecordBatch['memory']): RecordBatch {
    const { pool, context } = this.#resources
    const first = rows.find((row) => typeof row === 'object' && row !== null)
    this.schema ??= first === undefined ? schemaOf([]) : schemaOfRow(first, this.#source, 'blank-label')
    const columns = new RowColumns(this.schema, rows.length)
    const faults: Fault[] = []
    const records: SourceRecord[] = []
    for (const row of rows) {
      const record = this.#number(row)
      try {
        if (typeof row !== 'object' || row === null) throw new TypeError('the row is no object')
        columns.set(records.length, row as Record<string, unknown>)
        records.push(record)
      } catch (error) {
        faults.push({ record, errors: [{ code: 'invalid-row', message: (error as Error).message }] })
      }
    }
    const live = memory.allocate(records.length)
    memory.linear.bytes.fill(LIVE, live, live + records.length)
    context.emit({ type: 'BatchRead', split: 0, rows: records.length, bytes: 0 })
    return new RecordBatch({
      memory,
      schema: this.schema,
      columns: columns.cells.map((cells) => new ValueColumn(memory, cells.slice(0, records.length))),
      rows: records.length,
      live,
      origins: new DetachedOrigins(this.#source, this.schema.columns, records),
      faults: faultList(faults),
      release: () => pool.release(memory),
    })
  }

  /** The offset is known only when the rows before have been written as JSON, so that is done for kept rows alone. */
  #number(row: unknown): SourceRecord {
    const ordinal = this.records++
    if (!this.#resources.keep) return recordOf(row, ordinal, 0)
    const line = jsonOf(row)
    const record = recordOf(row, ordinal, this.bytes, line)
    this.bytes += Buffer.byteLength(line) + 1
    return record
  }
}

function recordOf(row: unknown, ordinal: number, byteOffset: number, line?: string): SourceRecord {
  return {
    ordinal,
    line: ordinal + 1,
    byteOffset,
    get byteLength() {
      return this.raw.length
    },
    get raw() {
      return Buffer.from(line ?? jsonOf(row))
    },
    get values() {
      const cells = Object.entries((row ?? {}) as Record<string, unknown>)
      return Object.fromEntries(cells.map(([name, value]) => [name, value == null ? null : textOf(value)]))
    },
  }
}

/** Not every object is one that a cell can hold; a letter shows it all the same. */
function textOf(value: unknown): string {
  return typeof value === 'object' && !(value instanceof Date) ? jsonOf(value) : formatCell(value as never)
}

function jsonOf(row: unknown): string {
  return JSON.stringify(row, (_key, value) => (typeof value === 'bigint' ? String(value) : value)) ?? 'null'
}

function spoolPath(split: Split, context: RunContext): string {
  return `${context.scratch}/rows-${split.index}.jsonl`
}

const BATCH_ROWS = 1024
