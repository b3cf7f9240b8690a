import type { z } from 'zod'
import { BOOLEAN, COLUMN_NAMES, checkOptions } from '../config/check-options.ts'
import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Shape, Untyped } from '../records/shape.ts'
import { checkUnchanged, type Input } from '../storage/inputs.ts'
import { isObjectSchema, SchemaCast, type SchemaShape } from './csv-schema.ts'
import { ParquetBatches } from './parquet-batches.ts'
import { findParquetFiles, nullableColumns, openParquet } from './parquet-input.ts'
import { rereadParquet } from './parquet-reread.ts'
import { schemaDigest } from './schema-digest.ts'
import type { ReadResources, Source, SourcePlan, Split, SplitEnd } from './source.ts'

export interface ParquetOptions {
  /** Only these, in this order; default all. Others are not read at all. */
  readonly columns?: readonly string[]
  /** Accept a file without rows; default false. */
  readonly allowEmpty?: boolean
}

/**
 * Reads Parquet: a file, a directory (all its `*.parquet` in the order of their names), an object `s3://bucket/key` or a
 * prefix `s3://bucket/prefix/` (its `*.parquet` in the order of their keys, or those that its manifest names). All files
 * must have the same columns. Values keep their types, exactly. A dead letter holds the row as JSON; its `line` is the
 * row's number, and its byte offset that of the row group.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
export function readParquet<S extends SchemaShape>(
  path: string,
  options: ParquetOptions & { readonly schema: S },
): Source<z.infer<S>>
export function readParquet(path: string, options?: ParquetOptions): Source<Untyped>
export function readParquet(
  path: string,
  options: ParquetOptions & { readonly schema?: SchemaShape } = {},
): Source<Shape> {
  if (typeof path !== 'string' || path === '' || path === '-') {
    const why =
      path === '-' ? 'a Parquet file is read from its end, so it cannot come from stdin' : 'the path is missing'
    throw new SluiceError('job-invalid', `readParquet: ${why}.`)
  }
  checkOptions<ParquetOptions & { readonly schema?: unknown }>('readParquet', options, {
    columns: COLUMN_NAMES,
    allowEmpty: BOOLEAN,
    schema: { wanted: 'a zod object, such as z.object({ id: z.bigint() })', accepts: isObjectSchema },
  })
  return new ParquetSource(path, options)
}

class ParquetSource implements Source {
  readonly format = { type: 'parquet', raw: 'json' }
  readonly description: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #options: ParquetOptions
  readonly #cast: SchemaCast | undefined

  constructor(path: string, { schema, ...options }: ParquetOptions & { readonly schema?: SchemaShape }) {
    this.#path = path
    this.#options = options
    this.#cast = schema === undefined ? undefined : new SchemaCast(schema)
    const digest = schema === undefined ? undefined : schemaDigest(schema)
    this.description = { type: 'parquet', path, ...options, schema: digest }
  }

  /** Looks at the end of every file, so that files which do not fit together are known before any row. */
  async plan({ signal }: RunContext): Promise<SourcePlan> {
    const inputs = await findParquetFiles(this.#path, signal)
    const nullable = await nullableColumns(inputs, this.#options.columns, signal)
    const splits = inputs.map(({ source, bytes, etag }, index): Split => {
      const place = etag === undefined ? { path: source } : { etag }
      return { index, source, bytes, ...place, ...(nullable.length === 0 ? {} : { nullable }) }
    })
    return { splits, bytes: inputs.reduce((sum, input) => sum + input.bytes, 0), inputs }
  }

  async *read(split: Split, { context, pool }: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void> {
    const input = await openParquet(split, this.#options.columns, context.signal)
    try {
      const batches = new ParquetBatches(split, input, pool)
      for await (const { batch, bytes } of batches.all()) {
        context.emit({ type: 'BatchRead', split: split.index, rows: batch.rows, bytes })
        yield this.#cast?.apply(batch) ?? batch
      }
      const { rows } = input.footer
      if (rows === 0 && !this.#options.allowEmpty) throw empty(split.source)
      return { records: rows, lines: rows, bytes: input.file.bytes, columns: batches.schema.columns }
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
    yield* rereadParquet(ordinals, split, await openParquet(split, this.#options.columns, context.signal), pool)
  }

  async verify({ inputs }: SourcePlan, { signal }: RunContext): Promise<void> {
    await checkUnchanged(this.#path, inputs as readonly Input[], signal, findParquetFiles)
  }
}

function empty(source: string): SluiceError {
  const fix = 'Set `allowEmpty: true` (or `--allow-empty`) if that is right.'
  return new SluiceError('empty-source', `${source} has no rows. ${fix}`, { context: { path: source } })
}
