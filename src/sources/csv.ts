import type { z } from 'zod'
import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import type { Shape, Untyped } from '../records/shape.ts'
import { checkUnchanged, findInputs, type Input } from '../storage/inputs.ts'
import { PieceReader } from '../storage/piece-reader.ts'
import { checkCsvOptions } from './check-csv-options.ts'
import { bytesOf, type CsvDialect, type CsvOptions, DEFAULT_MAX_RECORD_BYTES, dialectOf } from './csv-dialect.ts'
import { type CsvPacking, openCsvInput, openRanges } from './csv-input.ts'
import { CsvReader } from './csv-reader.ts'
import { readStarts, rereadRecords, writeStarts } from './csv-reread.ts'
import { SchemaCast, type SchemaShape } from './csv-schema.ts'
import type { ReadResources, Source, SourcePlan, Split, SplitEnd } from './source.ts'

/**
 * Reads CSV: a file, a directory (all its files in the order of their names, each with a header of its own), an object
 * `s3://bucket/key` or a prefix `s3://bucket/prefix/` (all its objects in the order of their keys, or those that its
 * manifest names), or `-` for stdin. What is compressed is unpacked. Cells are text, or null where empty.
 *
 * Structural faults (`extra-cell`, `missing-cell`, `blank-row`, `quote-error`, `encoding-error`, `line-too-long`,
 * `repeated-header`) reject the record; faults of the header (`blank-label`, `duplicate-label`) end the run.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
export function readCsv<S extends SchemaShape>(
  path: string,
  options: CsvOptions & { readonly schema: S },
): Source<z.infer<S>>
export function readCsv(path: string, options?: CsvOptions): Source<Untyped>
export function readCsv(path: string, options: CsvOptions & { readonly schema?: SchemaShape } = {}): Source<Shape> {
  return new CsvSource(path, options)
}

/** `readCsv` in pieces of another size, which must make no difference: for tests. */
export function readCsvInPieces(path: string, options: CsvOptions, pieceBytes: number): Source<Untyped> {
  return new CsvSource(path, options, pieceBytes)
}

class CsvSource implements Source {
  readonly description: Readonly<Record<string, unknown>>
  readonly format: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #options: CsvOptions
  readonly #dialect: CsvDialect
  readonly #cast: SchemaCast | undefined

  readonly #pieceBytes: number | undefined

  constructor(path: string, given: CsvOptions & { readonly schema?: SchemaShape }, pieceBytes?: number) {
    checkCsvOptions(given)
    const { schema, ...options } = given
    if (typeof path !== 'string' || path === '') throw new SluiceError('job-invalid', 'readCsv: the path is missing.')
    this.#path = path
    this.#options = options
    this.#pieceBytes = pieceBytes
    this.#dialect = dialectOf(options)
    this.#cast = schema === undefined ? undefined : new SchemaCast(schema)
    this.description = { type: 'csv', path, ...options }
    const { comment: _, ...dialect } = this.#dialect
    this.format = { type: 'csv', ...dialect }
  }

  async plan({ signal }: RunContext): Promise<SourcePlan> {
    if (this.#path === '-') {
      return { splits: [{ index: 0, source: '-' }], bytes: undefined, inputs: [{ source: '-' }] }
    }
    const inputs = await findInputs(this.#path, signal)
    const splits = inputs.map(({ source, bytes, etag }, index) => {
      return { index, source, bytes, ...(etag === undefined ? { path: source } : { etag }) }
    })
    return { splits, bytes: inputs.reduce((sum, input) => sum + input.bytes, 0), inputs }
  }

  async *read(split: Split, resources: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void> {
    const { pool, io, context, keep } = resources
    const { header = true, skipLines = 0, maxRecordBytes = DEFAULT_MAX_RECORD_BYTES } = this.#options
    const bytes = bytesOf(this.#dialect)
    const digest = io.openDigest()
    const { input, spool } = await openCsvInput(split, this.#packing, resources, digest)
    try {
      const pieces = new PieceReader(input, pool, this.#pieceBytes)
      const reader = new CsvReader(pieces, {
        source: split.source,
        split: split.index,
        bytes,
        header,
        skipLines,
        maxRecordBytes,
        missing: missingOf(this.#options),
        encoding: this.#dialect.encoding,
        emit: (event) => context.emit(event),
      })
      for await (const batch of reader.batches()) yield this.#cast?.apply(batch) ?? batch
      if (reader.records === 0 && !this.#options.allowEmpty) throw empty(split.source)
      return {
        records: reader.records,
        lines: reader.lines,
        bytes: input.file?.bytes ?? pieces.bytesRead,
        sha256: input.file?.sha256 ?? (await io.closeDigest(digest)),
        columns: reader.columns ?? [],
        ...(keep ? { index: await writeStarts(split, context, reader.starts) } : {}),
        ...(spool === undefined ? {} : { spool }),
      }
    } finally {
      await input.close()
    }
  }

  async *reread(
    split: Split,
    end: SplitEnd,
    ordinals: Iterable<number>,
    resources: ReadResources,
  ): AsyncIterable<Iterable<SourceRecord>> {
    if (end.index === undefined) throw new SluiceError('internal', 'this split cannot be read again')
    const bytes = bytesOf(this.#dialect)
    const { maxRecordBytes = DEFAULT_MAX_RECORD_BYTES, header = true } = this.#options
    yield* rereadRecords(ordinals, {
      ranges: await openRanges(split, end.spool, resources),
      decoded: this.#dialect.encoding !== 'utf-8',
      source: split.source,
      starts: await readStarts(end.index),
      columns: end.columns,
      header: header === true,
      bytes,
      maxRecordBytes,
      pool: resources.pool,
    })
  }

  async verify({ inputs }: SourcePlan, { signal }: RunContext): Promise<void> {
    if (this.#path !== '-') await checkUnchanged(this.#path, inputs as readonly Input[], signal)
  }

  get #packing(): CsvPacking {
    const { compression = 'auto' } = this.#options
    return { encoding: this.#dialect.encoding, compression: compression === 'auto' ? undefined : compression }
  }
}

/** Undefined for the usual case, that only an empty cell is missing. */
function missingOf({ missingValues = [''] }: CsvOptions): ReadonlySet<string> | undefined {
  return missingValues.length === 1 && missingValues[0] === '' ? undefined : new Set(missingValues)
}

function empty(source: string): SluiceError {
  const fix = 'Set `allowEmpty: true` (or `--allow-empty`) if that is right.'
  return new SluiceError('empty-source', `${source} has no data rows. ${fix}`, { context: { path: source } })
}
