import type { z } from 'zod'
import type { RunContext } from '../context.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Shape, Untyped } from '../records/shape.ts'
import { findTableFile } from '../storage/iceberg/find-table-file.ts'
import { scanTable } from '../storage/iceberg/plan-scan.ts'
import { reachTable } from '../storage/iceberg/reach-table.ts'
import { withAccess } from '../storage/s3/s3-access.ts'
import { SchemaCast, type SchemaShape } from './csv-schema.ts'
import { checkSnapshot } from './iceberg/check-snapshot.ts'
import { checkIcebergOptions, describeIceberg, lastCommitted, type ReadIcebergOptions } from './iceberg/options.ts'
import { tableReading } from './iceberg/table-reading.ts'
import { emptyBatch, planFiles, type TableSplit } from './iceberg/table-splits.ts'
import { tableView } from './iceberg/table-view.ts'
import { ParquetBatches } from './parquet-batches.ts'
import { openColumns, type ParquetInput } from './parquet-input.ts'
import { rereadParquet } from './parquet-reread.ts'
import type { ReadResources, Source, SourcePlan, Split, SplitEnd } from './source.ts'

/**
 * Reads a table as one snapshot has it, whatever is committed meanwhile: `catalog.namespace.table`. Rows come file by file
 * in the order in which these were added. Columns are those of the table now, or of the snapshot that is named: renamed
 * ones by their new names, added ones null in older files, widened ones widened. A dead letter holds the row as JSON, its
 * source is the data file.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
export function readIceberg<S extends SchemaShape>(
  table: string,
  options: ReadIcebergOptions & { readonly schema: S },
): Source<z.infer<S>>
export function readIceberg(table: string, options?: ReadIcebergOptions): Source<Untyped>
export function readIceberg(
  table: string,
  options: ReadIcebergOptions & { readonly schema?: SchemaShape } = {},
): Source<Shape> {
  checkIcebergOptions(table, options)
  return new IcebergSource(table, options)
}

class IcebergSource implements Source {
  readonly format: Readonly<Record<string, unknown>>
  readonly description: Readonly<Record<string, unknown>>
  readonly resumes: string | undefined
  readonly #table: string
  readonly #options: ReadIcebergOptions
  readonly #cast: SchemaCast | undefined

  constructor(table: string, options: ReadIcebergOptions & { readonly schema?: SchemaShape }) {
    const { schema, ...rest } = options
    this.#table = table
    this.#options = rest
    this.#cast = schema === undefined ? undefined : new SchemaCast(schema)
    this.format = { type: 'iceberg', table, raw: 'json' }
    this.description = describeIceberg(table, options)
    this.resumes = options.since === lastCommitted ? bookmarkOf(table, options) : undefined
  }

  /** Looks at the table once; what is committed later is not seen. */
  async plan(_context: RunContext, last?: string): Promise<SourcePlan> {
    const { since, columns: _, ...options } = this.#options
    const after = since === lastCommitted ? last : since
    const scan = await scanTable(this.#table, { ...options, ...(after === undefined ? {} : { since: after }) })
    const reading = tableReading(this.#table, scan.schema, this.#options)
    return planFiles(this.#table, scan, reading, bookmarkOf(this.#table, this.#options))
  }

  async *read(split: Split, { context, pool }: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void> {
    const { kind, schema } = split as TableSplit
    if (kind === 'nothing') {
      const batch = await emptyBatch(split.source, tableReading(this.#table, schema, this.#options), pool)
      yield this.#cast?.apply(batch) ?? batch
      return { records: 0, lines: 0, bytes: 0, columns: batch.schema.columns }
    }
    const input = await this.#open(split, context.signal)
    try {
      const batches = new ParquetBatches(split, input, pool)
      for await (const { batch, bytes } of batches.all()) {
        context.emit({ type: 'BatchRead', split: split.index, rows: batch.rows, bytes })
        yield this.#cast?.apply(batch) ?? batch
      }
      const { rows } = input.footer
      const { dropped: filtered, schema: shown } = batches
      return { records: rows, filtered, lines: rows, bytes: input.file.bytes, columns: shown.columns }
    } finally {
      await input.close()
    }
  }

  async *reread(
    split: Split,
    _end: SplitEnd,
    ordinals: Iterable<number>,
    { context, pool }: ReadResources,
  ): AsyncIterable<Iterable<SourceRecord>> {
    yield* rereadParquet(ordinals, split, await this.#open(split, context.signal), pool)
  }

  async verify(plan: SourcePlan, { signal }: RunContext): Promise<void> {
    await checkSnapshot(this.#table, this.#options.catalog, plan, signal)
  }

  async #open(split: Split, signal: AbortSignal): Promise<ParquetInput> {
    const { source, bytes, schema, ...known } = split as TableSplit
    const reading = tableReading(this.#table, schema, this.#options)
    return await withAccess(reachTable(this.#table, this.#options.catalog).access, async () => {
      const found = await findTableFile({ path: source, bytes }, signal)
      return await openColumns(found, signal, (file, footer) =>
        tableView({ ...file, name: source }, footer, reading, known),
      )
    })
  }
}

/** By which a target keeps how far a table was read. */
function bookmarkOf(table: string, { branch = 'main' }: ReadIcebergOptions): string {
  return branch === 'main' ? table : `${table}@${branch}`
}
