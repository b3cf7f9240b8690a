import { once } from 'node:events'
import type { Transform } from 'node:stream'
import { BOOLEAN, COLUMN_NAMES, checkOptions, oneOf } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import type { BatchPool } from '../records/batch-pool.ts'
import { DetachedOrigins } from '../records/detached-origins.ts'
import { detach, type SourceRecord } from '../records/origins.ts'
import { type Fault, faultList, RecordBatch } from '../records/record-batch.ts'
import { RowColumns } from '../records/row-columns.ts'
import { type Row, rowsOf } from '../records/rows.ts'
import { type Schema, schemaOf, schemaOfRow } from '../records/schema.ts'
import { GONE, LIVE } from '../records/span.ts'
import { ValueColumn } from '../records/value-column.ts'
import type { Step, StepResources } from './step.ts'

export interface ThroughOptions {
  /** What the stream does with the number of rows; anything else fails the run. */
  readonly rows: 'one-to-one' | 'filter' | 'expand'
  /** True when each row is handled alone, so that splits may go through streams of their own. Default false. */
  readonly stateless?: boolean
  /** The columns of the result. Default: the keys of the first row that comes out. */
  readonly columns?: readonly string[]
}

/** Where the rows come from that a stream made out of others. */
const madeFrom = new WeakMap<object, object>()

/**
 * Says which row a new row was made from, so that its errors name the right place in the source. A stream that passes
 * the objects on that it got needs not say so. Returns the row.
 */
export function withOrigin<R extends object>(row: R, from: object): R {
  if (row !== from) madeFrom.set(row, from)
  return row
}

/** Sends rows through an object-mode stream and makes batches of what comes out. */
export function throughStep(factory: () => Transform, options: ThroughOptions): Step {
  check(factory, options)
  return {
    name: 'through',
    effect: options.rows,
    description: { verb: 'through', ...options, factory: String(factory) },
    apply: (batches, resources) => new Through(factory, options, resources).run(batches),
  }
}

/** Throws `job-invalid`. */
function check(factory: unknown, options: ThroughOptions | undefined): void {
  if (typeof factory !== 'function') {
    const fix = 'rows come in splits, and each needs a stream of its own: through(() => new Transform(…), { rows: … })'
    throw new SluiceError('job-invalid', `through needs a function that makes a stream, not a stream: ${fix}.`)
  }
  checkOptions<ThroughOptions>('through', options ?? ({} as ThroughOptions), {
    rows: EFFECT,
    stateless: BOOLEAN,
    columns: COLUMN_NAMES,
  })
  if (options?.rows === undefined) throw new SluiceError('job-invalid', `through: rows must be ${EFFECT.wanted}.`)
}

const EFFECT = oneOf('one-to-one', 'filter', 'expand')

/** A row that went in. */
interface Origin {
  readonly record: SourceRecord
  /** Some row came out that is this one, or was made from it. */
  seen: boolean
}

class Through {
  readonly #factory: () => Transform
  #stream!: Transform
  readonly #effect: ThroughOptions['rows']
  readonly #expanded: StepResources['expanded']
  readonly #pool: BatchPool
  readonly #signal: AbortSignal
  #schema: Schema | undefined
  /** The schema of the input, for a result without a single row. */
  #inputSchema: Schema | undefined
  #source = ''
  #sourceColumns: readonly string[] = []
  readonly #origins = new WeakMap<object, Origin>()
  /** Rows that cannot enter the stream: a cell of theirs failed. They go on as they are. */
  #faults: Fault[] = []
  #fed = false
  /** How many rows went in, of how many of them something came out, and how many rows came out. */
  #entered = 0
  #survived = 0
  #left = 0

  constructor(factory: () => Transform, { rows, columns }: ThroughOptions, { pool, context, expanded }: StepResources) {
    this.#factory = factory
    this.#effect = rows
    this.#expanded = expanded
    this.#pool = pool.branch(1)
    this.#signal = context.signal
    if (columns !== undefined) this.#schema = schemaOf(columns)
  }

  async *run(batches: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch, void, void> {
    this.#stream = openStream(this.#factory)
    const stop = () => this.#stream.destroy(this.#signal.reason)
    this.#signal.addEventListener('abort', stop, { once: true })
    const feeding = this.#feed(batches)
    // A failure ends the stream, which is what the loop below waits for.
    feeding.catch((error) => this.#stream.destroy(error as Error))
    let rows: object[] = []
    try {
      for await (const row of this.#stream) {
        rows.push(row)
        if (rows.length < BATCH_ROWS) continue
        yield await this.#batch(rows)
        rows = []
      }
      if (!this.#fed) throw failed(new Error('it ended before its input ended'))
      await feeding
    } catch (error) {
      throw error instanceof SluiceError || error === this.#signal.reason ? error : failed(error)
    } finally {
      this.#signal.removeEventListener('abort', stop)
      this.#stream.destroy()
      await feeding.catch(() => {})
    }
    const last = await this.#batch(rows)
    this.#pool.close()
    if (this.#effect === 'expand') {
      this.#expanded({ produced: this.#left - this.#survived, consumed: this.#entered - this.#survived })
    }
    yield last
  }

  async #feed(batches: AsyncIterable<RecordBatch>): Promise<void> {
    for await (const batch of batches) {
      this.#inputSchema = batch.schema
      this.#source = batch.origins.source
      this.#sourceColumns = batch.origins.columns
      for (const fault of batch.faults) this.#faults.push(fault)
      const rows = rowsOf(batch)
      const mask = batch.mask
      for (let row = 0; row < batch.rows; row++) {
        if (mask[row] === GONE) continue
        const record = detach(batch.origins.record(row))
        if (mask[row] !== LIVE) {
          this.#faults.push({ record, errors: batch.errors.of(row) ?? [] })
          continue
        }
        await this.#write(rows(row), record)
      }
      batch.release()
    }
    this.#fed = true
    this.#stream.end()
  }

  async #write(row: Row, record: SourceRecord): Promise<void> {
    this.#origins.set(row, { record, seen: false })
    this.#entered++
    this.#checkOpen()
    if (this.#stream.write(row)) return
    this.#checkOpen()
    const settled = new AbortController()
    const waits = { signal: AbortSignal.any([settled.signal, this.#signal]) }
    try {
      await Promise.race([once(this.#stream, 'drain', waits), once(this.#stream, 'close', waits)])
    } finally {
      settled.abort()
    }
    this.#checkOpen()
  }

  #checkOpen(): void {
    if (this.#stream.destroyed) throw failed(this.#stream.errored ?? new Error('it closed before its input ended'))
  }

  async #batch(rows: readonly object[]): Promise<RecordBatch> {
    const memory = await this.#pool.acquire()
    const [first] = rows
    if (this.#schema === undefined && first !== undefined) {
      this.#schema = schemaOfRow(first, 'through', 'transform-failed')
    }
    const schema = this.#schema ?? this.#inputSchema ?? schemaOf([])
    const columns = new RowColumns(schema, rows.length)
    rows.forEach((row, index) => {
      try {
        columns.set(index, row as Record<string, unknown>)
      } catch (error) {
        throw failed(error)
      }
    })
    const live = memory.allocate(rows.length)
    memory.linear.bytes.fill(LIVE, live, live + rows.length)
    const faults = this.#faults
    this.#faults = []
    return new RecordBatch({
      memory,
      schema,
      columns: columns.cells.map((cells) => new ValueColumn(memory, cells)),
      rows: rows.length,
      live,
      origins: new DetachedOrigins(
        this.#source,
        this.#sourceColumns,
        rows.map((row) => this.#recordOf(row)),
      ),
      faults: faultList(faults),
      release: () => this.#pool.release(memory),
    })
  }

  /**
   * Where a row comes from. Counts by origin, for the numbers alone may balance where one row was lost and another one
   * doubled. Throws `not-conserved`, `transform-failed`.
   */
  #recordOf(row: object): SourceRecord {
    const origin = this.#originOf(row)
    this.#left++
    if (!origin.seen) this.#survived++
    else if (this.#effect !== 'expand') throw doubled(this.#source, origin.record, this.#effect)
    origin.seen = true
    return origin.record
  }

  #originOf(row: object): Origin {
    let at: object | undefined = row
    while (at !== undefined) {
      const origin = this.#origins.get(at)
      if (origin !== undefined) return origin
      at = madeFrom.get(at)
    }
    throw failed(new Error('a row came out that did not go in; say where it comes from with withOrigin(row, from)'))
  }
}

const BATCH_ROWS = 1024

/** What the factory makes, if rows can go through it. Throws `transform-failed`. */
function openStream(factory: () => Transform): Transform {
  let stream: Partial<Transform> | undefined
  try {
    stream = factory()
  } catch (error) {
    throw failed(error)
  }
  if (typeof stream?.write !== 'function' || typeof stream.destroy !== 'function' || !stream.readable) {
    throw failed(new Error('the function made no stream that can be written and read, such as a Transform'))
  }
  if (stream.writableObjectMode && stream.readableObjectMode) return stream as Transform
  stream.destroy()
  throw failed(new Error('it takes or gives bytes; make it with `objectMode: true`'))
}

function failed(error: unknown): SluiceError {
  return new SluiceError('transform-failed', `through: the stream failed: ${(error as Error)?.message ?? error}`, {
    cause: error,
  })
}

function doubled(source: string, { ordinal, line }: SourceRecord, effect: string): SluiceError {
  const what = `row ${ordinal + 1} (line ${line}) of ${source} came out more than once, though \`rows\` is "${effect}"`
  const text = `through: ${what}. Nothing was committed; a stream that makes more rows needs \`rows: 'expand'\`.`
  return new SluiceError('not-conserved', text, { context: { source, row: ordinal + 1, line } })
}
