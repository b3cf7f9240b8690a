import { SluiceError } from '../errors.ts'
import { DetachedOrigins } from '../records/detached-origins.ts'
import type { SourceRecord } from '../records/origins.ts'
import { type Fault, faultList, RecordBatch } from '../records/record-batch.ts'
import { RowColumns } from '../records/row-columns.ts'
import type { Schema } from '../records/schema.ts'
import { LIVE } from '../records/span.ts'
import { ValueColumn } from '../records/value-column.ts'
import { KeptRows } from './kept-rows.ts'
import { rowJson, rowRecord } from './row-record.ts'
import type { ReadResources, Split } from './source.ts'

/** How objects become rows. */
export interface RowForm {
  /** The columns of all rows, asked once with the rows of the first batch. */
  schema(first: readonly unknown[]): Schema
  /** The row as values by column. Throws TypeError, with the column in its message, for what is no row. */
  cells(row: object, schema: Schema): Readonly<Record<string, unknown>>
}

/**
 * Makes batches of objects, numbers them, and keeps them where `reread` may ask for them. What is no row becomes a
 * fault with the code `invalid-row`.
 */
export class RowBatches {
  records = 0
  /** Of the rows as lines of JSON; counted for rows that are kept. */
  bytes = 0
  #schema: Schema | undefined
  readonly #split: Split
  readonly #form: RowForm
  readonly #resources: ReadResources

  constructor(split: Split, form: RowForm, resources: ReadResources) {
    this.#split = split
    this.#form = form
    this.#resources = resources
  }

  get columns(): readonly string[] {
    return this.#schema?.columns ?? []
  }

  /** Called after the last row. Throws SluiceError `empty-source` if there was none. */
  refuseEmpty(): void {
    if (this.records > 0) return
    const fix = 'Set `allowEmpty: true` if that is right.'
    throw new SluiceError('empty-source', `${this.#split.source} has no rows. ${fix}`)
  }

  /** All rows; the first batch comes even without rows. */
  async *of(rows: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<RecordBatch, void, void> {
    const { pool, keep } = this.#resources
    const kept = keep ? new KeptRows(this.#split, this.#resources) : undefined
    try {
      let batch: unknown[] = []
      for await (const row of rows) {
        await kept?.add(row)
        batch.push(row)
        if (batch.length < BATCH_ROWS) continue
        yield this.#batch(batch, await pool.acquire())
        batch = []
      }
      if (batch.length > 0 || this.records === 0) yield this.#batch(batch, await pool.acquire())
      await kept?.seal()
    } finally {
      await kept?.close()
    }
  }

  #batch(rows: readonly unknown[], memory: RecordBatch['memory']): RecordBatch {
    const { pool, context } = this.#resources
    this.#schema ??= this.#form.schema(rows)
    const schema = this.#schema
    const columns = new RowColumns(schema, rows.length)
    const faults: Fault[] = []
    const records: SourceRecord[] = []
    for (const row of rows) {
      const record = this.#number(row)
      try {
        if (typeof row !== 'object' || row === null) throw new TypeError('the row is no object')
        columns.set(records.length, this.#form.cells(row, schema))
        records.push(record)
      } catch (error) {
        faults.push({ record, errors: [{ code: 'invalid-row', message: (error as Error).message }] })
      }
    }
    const live = memory.allocate(records.length)
    memory.linear.bytes.fill(LIVE, live, live + records.length)
    context.emit({ type: 'BatchRead', split: this.#split.index, rows: records.length, bytes: 0 })
    return new RecordBatch({
      memory,
      schema,
      columns: columns.cells.map((cells) => new ValueColumn(memory, cells.slice(0, records.length))),
      rows: records.length,
      live,
      origins: new DetachedOrigins(this.#split.source, schema.columns, records),
      faults: faultList(faults),
      release: () => pool.release(memory),
    })
  }

  /** The offset is known only when the rows before have been written as JSON, so that is done for kept rows alone. */
  #number(row: unknown): SourceRecord {
    const ordinal = this.records++
    if (!this.#resources.keep) return rowRecord(row, ordinal, 0)
    const line = rowJson(row)
    const record = rowRecord(row, ordinal, this.bytes, line)
    this.bytes += Buffer.byteLength(line) + 1
    return record
  }
}

const BATCH_ROWS = 1024
