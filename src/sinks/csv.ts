import { BOOLEAN, checkOptions, type OptionChecks, TEXT } from '../config/check-options.ts'
import { SluiceError } from '../errors.ts'
import type { RecordBatch } from '../records/record-batch.ts'
import { stageOutput } from '../storage/stage-output.ts'
import type { StagedOutput } from '../storage/staged-output.ts'
import { isDirectory, type Target, type TargetPlan } from '../storage/target.ts'
import { targetAt } from '../storage/targets.ts'
import { CsvEncoder, type CsvFormat } from './csv-encoder.ts'
import { cutRows, RowIndex } from './row-index.ts'
import type { SealedPart, Sink, Staging, WriteResources } from './sink.ts'

export interface WriteCsvOptions {
  /** One ASCII character; default `,`. */
  readonly delimiter?: string
  /** One ASCII character; default `"`. */
  readonly quote?: string
  /** Default `\n`. */
  readonly lineEnd?: '\n' | '\r\n'
  /** Write the column names first; default true. */
  readonly header?: boolean
  /** Take over a directory that Sluice did not write; its content becomes the version before this one. */
  readonly adopt?: boolean
  /**
   * For a prefix of S3: keep the objects of all earlier runs (default), or after the commit remove those before the last
   * one, at which readers may still be at work.
   */
  readonly keepVersions?: boolean
}

/**
 * Writes CSV: to one file; to a directory, when the path ends with `/` or is one (a file per split, each with a
 * header); to one object `s3://bucket/key` or a prefix `s3://bucket/prefix/` (an object per split, named by a manifest);
 * or, with `-`, to stdout, where delivery begins after the verdict and cannot be atomic.
 *
 * Cells that no transform touched keep their bytes. Null is an empty cell.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
// biome-ignore lint/suspicious/noExplicitAny: rows of any shape can be written
export function writeCsv(path: string, options: WriteCsvOptions = {}): Sink<any> {
  checkOptions<WriteCsvOptions>('writeCsv', options, OPTIONS)
  const { delimiter = ',', quote = '"', lineEnd = '\n', header = true, adopt = false, keepVersions = true } = options
  if (typeof path !== 'string' || path === '') throw new SluiceError('job-invalid', 'writeCsv: the path is missing.')
  const format = checkFormat({ delimiter, quote, lineEnd })
  const target = targetAt(path)
  return {
    description: { type: 'csv', path, ...options },
    target,
    location: path,
    adopt,
    keepVersions,
    extension: '.csv',
    stage: (plan, split, resources) => CsvStaging.open(target, plan, split, format, header, resources),
    cut: (part, drops, resources) => cutRows(part, drops, resources),
  }
}

const OPTIONS: OptionChecks<WriteCsvOptions> = {
  delimiter: TEXT,
  quote: TEXT,
  lineEnd: { wanted: "'\\n' or '\\r\\n'", accepts: (value) => value === '\n' || value === '\r\n' },
  header: BOOLEAN,
  adopt: BOOLEAN,
  keepVersions: BOOLEAN,
}

function checkFormat(format: CsvFormat): CsvFormat {
  const bytes = [format.delimiter, format.quote]
  const wrong = bytes.find((text) => text.length !== 1 || text.charCodeAt(0) > 127 || /[\r\n]/.test(text))
  if (wrong === undefined && format.delimiter !== format.quote) return format
  throw new SluiceError('job-invalid', 'writeCsv: delimiter and quote must be two different ASCII characters.')
}

class CsvStaging implements Staging {
  readonly #split: number
  readonly #encoder: CsvEncoder
  readonly #file: StagedOutput
  readonly #index: RowIndex | undefined
  readonly #header: boolean
  #columns: readonly string[] | undefined
  #rows = 0

  static async open(
    target: Target,
    plan: TargetPlan,
    split: number,
    format: CsvFormat,
    header: boolean,
    { pool, io, keepIndex, context }: WriteResources,
  ): Promise<CsvStaging> {
    const file = await stageOutput(target, plan, split, { linear: pool.linear, io, rewritable: keepIndex })
    // The parts of one file are put together: only the first one brings the header.
    const first = isDirectory(plan) || split === 0
    const index = keepIndex ? new RowIndex(`${context.scratch}/rows-${split}`) : undefined
    return new CsvStaging(split, new CsvEncoder(format), file, header && first, index)
  }

  private constructor(split: number, encoder: CsvEncoder, file: StagedOutput, header: boolean, index?: RowIndex) {
    this.#split = split
    this.#encoder = encoder
    this.#file = file
    this.#header = header
    this.#index = index
  }

  async write(batch: RecordBatch): Promise<void> {
    if (this.#columns === undefined) await this.#begin(batch.schema.columns)
    else this.#checkColumns(batch.schema.columns)
    if (batch.rows === 0) return
    const { segments, count, maxBytes } = this.#encoder.plan(batch)
    const out = await this.#file.buffer(maxBytes)
    const offset = this.#file.bytes
    const rowEnds = this.#index === undefined ? 0 : batch.memory.allocate(batch.rows * 4)
    const { kernels } = batch.memory
    const rows = kernels.countLive(batch.live, batch.rows)
    const end = kernels.gather(segments, count, batch.rows, batch.live, out, rowEnds)
    this.#rows += rows
    await this.#file.write(end - out)
    await this.#index?.add(batch, offset, rows, rowEnds)
  }

  async seal(): Promise<SealedPart> {
    const sealed = await this.#file.seal()
    const index = await this.#index?.seal()
    return { split: this.#split, ...sealed, rows: this.#rows, columns: this.#columns ?? [], ...index }
  }

  async close(): Promise<void> {
    await this.#file.close()
    await this.#index?.close()
  }

  async #begin(columns: readonly string[]): Promise<void> {
    this.#columns = columns
    if (!this.#header || columns.length === 0) return
    const header = this.#encoder.header(columns)
    const out = await this.#file.buffer(header.length)
    this.#file.linear.bytes.set(header, out)
    await this.#file.write(header.length)
  }

  #checkColumns(columns: readonly string[]): void {
    const known = this.#columns as readonly string[]
    if (known === columns || (known.length === columns.length && known.every((name, i) => name === columns[i]))) return
    throw new SluiceError('transform-failed', `The columns changed from ${known.join(', ')} to ${columns.join(', ')}.`)
  }
}
