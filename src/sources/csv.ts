import type { RunContext } from '../context.ts'
import { SluiceError } from '../errors.ts'
import type { SourceRecord } from '../records/origins.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { type ByteInput, openFileInput, spooling, streamInput } from '../storage/byte-input.ts'
import { identify, listFiles, sameFile } from '../storage/local-files.ts'
import { PieceReader } from '../storage/piece-reader.ts'
import { type CsvDialect, type CsvOptions, DEFAULT_MAX_RECORD_BYTES, dialectOf, scannable } from './csv-dialect.ts'
import { CsvReader } from './csv-reader.ts'
import { readStarts, rereadRecords, writeStarts } from './csv-reread.ts'
import type { ReadResources, Shape, Source, SourcePlan, Split, SplitEnd, Untyped } from './source.ts'

/**
 * Reads CSV: a file, a directory (all its files in the order of their names, each with a header of its own) or `-`
 * for stdin. Cells are text, or null where empty.
 *
 * Structural faults (`extra-cell`, `missing-cell`, `blank-row`, `quote-error`, `encoding-error`, `line-too-long`,
 * `repeated-header`) reject the record; faults of the header (`blank-label`, `duplicate-label`) end the run.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
export function readCsv(path: string, options: CsvOptions = {}): Source<Untyped> {
  return new CsvSource(path, options)
}

/** `readCsv` in pieces of another size, which must make no difference: for tests. */
export function readCsvInPieces(path: string, options: CsvOptions, pieceBytes: number): Source<Untyped> {
  return new CsvSource(path, options, pieceBytes)
}

class CsvSource<T extends Shape> implements Source<T> {
  readonly description: Readonly<Record<string, unknown>>
  readonly format: Readonly<Record<string, unknown>>
  readonly #path: string
  readonly #options: CsvOptions
  readonly #dialect: CsvDialect
  readonly #pieceBytes: number | undefined

  constructor(path: string, options: CsvOptions, pieceBytes?: number) {
    if (typeof path !== 'string' || path === '') throw new SluiceError('job-invalid', 'readCsv: the path is missing.')
    this.#path = path
    this.#options = options
    this.#pieceBytes = pieceBytes
    this.#dialect = dialectOf(options)
    this.description = { type: 'csv', path, ...options }
    const { comment: _, ...format } = this.#dialect
    this.format = { type: 'csv', ...format }
  }

  async plan(_context: RunContext): Promise<SourcePlan> {
    if (this.#path === '-') {
      return { splits: [{ index: 0, source: '-' }], bytes: undefined, inputs: [{ source: '-' }] }
    }
    const files = await listFiles(this.#path)
    const inputs = await Promise.all(files.map(identify))
    const splits = inputs.map(({ source, bytes }, index) => ({ index, source, path: source, bytes }))
    return { splits, bytes: inputs.reduce((sum, input) => sum + input.bytes, 0), inputs }
  }

  async *read(split: Split, resources: ReadResources): AsyncGenerator<RecordBatch, SplitEnd, void> {
    const { pool, digests, context, keep } = resources
    const { header = true, skipLines = 0, maxRecordBytes = DEFAULT_MAX_RECORD_BYTES } = this.#options
    const bytes = scannable(this.#dialect)
    if (bytes === undefined) throw new SluiceError('internal', 'readCsv: this dialect is not there yet')
    const digest = digests.create()
    const input = await this.#open(split, resources)
    try {
      const pieces = new PieceReader(input, pool, digest, this.#pieceBytes)
      const reader = new CsvReader(pieces, {
        source: split.source,
        split: split.index,
        bytes,
        header,
        skipLines,
        maxRecordBytes,
        emit: (event) => context.emit(event),
      })
      yield* reader.batches()
      if (reader.records === 0 && !this.#options.allowEmpty) throw empty(split.source)
      return {
        records: reader.records,
        lines: reader.lines,
        bytes: pieces.bytesRead,
        sha256: await digest.digest(),
        columns: reader.columns ?? [],
        ...(keep ? { index: await writeStarts(split, context, reader.starts) } : {}),
      }
    } finally {
      await input.close()
    }
  }

  async *reread(
    split: Split,
    end: SplitEnd,
    ordinals: AsyncIterable<number>,
    resources: ReadResources,
  ): AsyncIterable<SourceRecord> {
    const bytes = scannable(this.#dialect)
    if (bytes === undefined || end.index === undefined)
      throw new SluiceError('internal', 'this split cannot be read again')
    const { maxRecordBytes = DEFAULT_MAX_RECORD_BYTES, header = true } = this.#options
    yield* rereadRecords(ordinals, {
      path: split.path ?? spoolPath(split, resources.context),
      source: split.source,
      starts: await readStarts(end.index),
      columns: end.columns,
      header: header === true,
      bytes,
      maxRecordBytes,
      pool: resources.pool,
    })
  }

  async verify(plan: SourcePlan): Promise<void> {
    for (const input of plan.inputs) {
      if (input.source === '-') continue
      const now = await identify(input.source)
      if (!sameFile(input, now)) {
        const fix = 'Nothing was written; run again when it is complete.'
        throw new SluiceError('source-changed', `${input.source} changed while it was read. ${fix}`, {
          context: { path: input.source },
        })
      }
    }
  }

  async #open(split: Split, { pool, context, keep }: ReadResources): Promise<ByteInput> {
    if (split.path !== undefined) return openFileInput(pool.linear, split.path)
    const input = streamInput(pool.linear, process.stdin, 'stdin')
    return keep ? spooling(pool.linear, input, spoolPath(split, context)) : input
  }
}

function spoolPath(split: Split, context: RunContext): string {
  return `${context.scratch}/input-${split.index}`
}

function empty(source: string): SluiceError {
  const fix = 'Set `allowEmpty: true` if that is right.'
  return new SluiceError('empty-source', `${source} has no data rows. ${fix}`, { context: { path: source } })
}
