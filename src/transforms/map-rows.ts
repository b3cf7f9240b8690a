import { COLUMN_NAMES, checkOptions, wholeNumber } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import { cellError } from '../records/cell-error.ts'
import type { Cell, Column } from '../records/column.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { RowColumns } from '../records/row-columns.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import { type Schema, schemaOf, schemaOfRow } from '../records/schema.ts'
import { GONE } from '../records/span.ts'
import { ValueColumn } from '../records/value-column.ts'
import { abortable } from '../storage/abortable.ts'
import type { Step } from './step.ts'

export interface MapRowsOptions {
  /** How many asynchronous calls may be under way; results keep the order of the rows. Default 16. */
  readonly concurrency?: number
  /** The columns of the result. Default: the keys of the first result. */
  readonly columns?: readonly string[]
}

type MapFunction = (row: Row) => Record<string, unknown> | Promise<Record<string, unknown>>

const STEP = 'mapRows'

/** Makes each row anew. The function may be asynchronous. */
export function mapRowsStep(fn: MapFunction, options: MapRowsOptions = {}): Step {
  if (typeof fn !== 'function') throw new SluiceError('job-invalid', 'mapRows needs a function on rows.')
  checkOptions<MapRowsOptions>(STEP, options, { concurrency: wholeNumber(1), columns: COLUMN_NAMES })
  const { concurrency = 16, columns } = options
  return {
    name: STEP,
    effect: 'one-to-one',
    description: { verb: 'mapRows', columns, fn: String(fn) },
    apply: async function* (batches, { context }) {
      let schema: Schema | undefined = columns === undefined ? undefined : schemaOf(columns)
      for await (const batch of batches) {
        const results = new Results(batch)
        const pending = callEach(batch, results, fn)
        if (pending !== undefined) await pending(concurrency, context.signal)
        // Without a single result there is nothing to tell the columns by.
        const found = schema ?? results.schema()
        if (found !== undefined) schema = found
        yield results.batch(found ?? batch.schema)
      }
    },
  }
}

/** What the function made of each row of a batch, and of which rows nothing could be made. */
class Results {
  readonly #batch: RecordBatch
  readonly #rows: (Record<string, unknown> | undefined)[]
  readonly #failed = new Set<number>()

  constructor(batch: RecordBatch) {
    this.#batch = batch
    this.#rows = new Array(batch.rows)
  }

  set(row: number, result: unknown): void {
    if (typeof result === 'object' && result !== null) this.#rows[row] = result as Record<string, unknown>
    else this.fail(row, new TypeError('the function returned no object'))
  }

  /** Without an error the row failed before. */
  fail(row: number, error?: unknown): void {
    this.#failed.add(row)
    if (error !== undefined) this.#batch.errors.add(row, cellError(error, STEP))
  }

  schema(): Schema | undefined {
    const first = this.#rows.find((row) => row !== undefined)
    return first === undefined ? undefined : schemaOfRow(first, STEP, 'transform-failed')
  }

  batch(schema: Schema): RecordBatch {
    const { rows, memory } = this.#batch
    const columns = new RowColumns(schema, rows)
    for (let row = 0; row < rows; row++) {
      const result = this.#rows[row]
      if (result === undefined) continue
      try {
        columns.set(row, result)
      } catch (error) {
        this.fail(row, error)
      }
    }
    const failed = this.#failed.size > 0 ? this.#failed : undefined
    return this.#batch.withColumns(
      schema,
      columns.cells.map((cells, index) => {
        const known = failed === undefined ? this.#untouched(schema.columns[index] as string, cells) : undefined
        return known ?? new ValueColumn(memory, cells, failed)
      }),
    )
  }

  /** The column of that name as it came, if the function left every cell as it was: then its bytes need no new ones. */
  #untouched(name: string, cells: readonly Cell[]): Column | undefined {
    const { schema, columns } = this.#batch
    const before = columns[schema.indexOf.get(name) ?? -1]
    if (before === undefined || before.failed !== undefined) return undefined
    const values = before.values()
    const { mask } = this.#batch
    for (let row = 0; row < cells.length; row++) {
      if (cells[row] !== values[row] && mask[row] !== GONE) return undefined
    }
    return before
  }
}

/** Calls the function for each row. Returns how to wait when it turns out to be asynchronous. */
function callEach(
  batch: RecordBatch,
  results: Results,
  fn: MapFunction,
): ((concurrency: number, signal: AbortSignal) => Promise<void>) | undefined {
  const rows = rowsOf(batch)
  const mask = batch.mask
  const skip = (row: number) => mask[row] === GONE
  const broken = batch.columns.filter((column) => column.failed !== undefined)
  const settle = async (row: number, result: Promise<unknown>) => {
    try {
      results.set(row, await result)
    } catch (error) {
      results.fail(row, error)
    }
  }
  /** Calls for the rows from `from` on until one answers with a promise; returns that row and promise. */
  const callUntilAsync = (from: number): { row: number; result: Promise<unknown> } | undefined => {
    for (let row = from; row < batch.rows; row++) {
      if (skip(row)) continue
      if (broken.some((column) => column.failed?.has(row))) {
        results.fail(row)
        continue
      }
      try {
        const result = fn(rows(row))
        if (result instanceof Promise) return { row, result }
        results.set(row, result)
      } catch (error) {
        results.fail(row, error)
      }
    }
    return undefined
  }
  const first = callUntilAsync(0)
  if (first === undefined) return undefined
  return async (concurrency, signal) => {
    const running = new Set<Promise<void>>()
    for (let call: typeof first | undefined = first; call !== undefined; call = callUntilAsync(call.row + 1)) {
      const done: Promise<void> = settle(call.row, call.result).then(() => void running.delete(done))
      running.add(done)
      if (running.size >= concurrency) await abortable(Promise.race(running), signal)
    }
    await abortable(Promise.all(running), signal)
  }
}
