import type { Readable } from 'node:stream'
import { BOOLEAN, COLUMN_NAMES, checkOptions, TEXT } from '../config/check-options.ts'
import type { RunContext } from '../context.ts'
import { asSluiceError, SluiceError } from '../errors.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { schemaOf, schemaOfRow } from '../records/schema.ts'
import type { Shape } from '../records/shape.ts'
import { abortable } from '../storage/abortable.ts'
import { rereadRows } from './kept-rows.ts'
import { RowBatches, type RowForm } from './row-batches.ts'
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
    const batches = new RowBatches(split, formOf(this.#options, split.source), resources)
    yield* batches.of(interruptible(this.#rows, split.source, resources.context.signal))
    if (!this.#options.allowEmpty) batches.refuseEmpty()
    const { records, columns, bytes } = batches
    return { records, lines: records, bytes, columns }
  }

  reread(
    split: Split,
    end: SplitEnd,
    ordinals: Iterable<number>,
    resources: ReadResources,
  ): AsyncIterable<Iterable<SourceRecord>> {
    return rereadRows(split, end, ordinals, resources)
  }

  async verify(): Promise<void> {}
}

/** The first object names the columns, unless the options do. */
function formOf({ columns }: ReadRowsOptions, source: string): RowForm {
  const isObject = (row: unknown): row is object => typeof row === 'object' && row !== null
  return {
    schema: (rows) => {
      if (columns !== undefined) return schemaOf(columns)
      const first = rows.find(isObject)
      return first === undefined ? schemaOf([]) : schemaOfRow(first, source, 'blank-label')
    },
    cells: (row) => row as Record<string, unknown>,
  }
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
