import { BOOLEAN, checkOptions, type OptionChecks, oneOf, wholeNumber } from '../config/check-options.ts'
import { VERSION } from '../config/version.ts'
import { SluiceError } from '../errors.ts'
import type { Compression } from '../parquet/compressor.ts'
import { targetAt } from '../storage/targets.ts'
import { completeParquet } from './complete-parquet.ts'
import { cutParquet } from './cut-parquet.ts'
import { type ParquetFormat, ParquetStaging } from './parquet-staging.ts'
import type { Sink } from './sink.ts'

export interface WriteParquetOptions {
  /** Default `zstd`. */
  readonly compression?: Compression
  /** A row group has so many rows at most; default 131072. */
  readonly rowGroupRows?: number
  /** A row group ends when it has so many bytes before compression; default 16 MiB. */
  readonly rowGroupBytes?: number
  /** In a directory or a prefix: a file ends with the row group behind so many bytes; default 128 MiB. */
  readonly fileBytes?: number
  /** Take over a directory that Sluice did not write; its content becomes the version before this one. */
  readonly adopt?: boolean
  /**
   * For a prefix of S3: keep the objects of all earlier runs (default), or after the commit remove those before the last
   * one, at which readers may still be at work.
   */
  readonly keepVersions?: boolean
}

/**
 * Writes Apache Parquet: to one file; to a directory, when the path ends with `/` or is one (files for each split); to one
 * object `s3://bucket/key` or a prefix `s3://bucket/prefix/`.
 *
 * A column has the type that the schema or `cast` gives it. One that CSV brought is text; of values that functions made, the
 * first one decides: numbers are doubles, bigints 64-bit integers, dates instants in microseconds.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
// biome-ignore lint/suspicious/noExplicitAny: rows of any shape can be written
export function writeParquet(path: string, options: WriteParquetOptions = {}): Sink<any> {
  checkOptions<WriteParquetOptions>('writeParquet', options, OPTIONS)
  if (typeof path !== 'string' || path === '')
    throw new SluiceError('job-invalid', 'writeParquet: the path is missing.')
  const { adopt = false, keepVersions = true } = options
  const target = targetAt(path)
  const format = formatOf(options)
  return {
    description: { type: 'parquet', path, ...options },
    target,
    location: path,
    adopt,
    keepVersions,
    extension: '.parquet',
    stage: async (plan, split, resources) => new ParquetStaging({ target, plan, split }, format, resources),
    cut: (part, drops, resources) => cutParquet(part, drops, format, resources),
    complete: (plan, parts, resources) => completeParquet({ target, plan }, parts, resources),
  }
}

const OPTIONS: OptionChecks<WriteParquetOptions> = {
  compression: oneOf('zstd', 'gzip', 'none'),
  rowGroupRows: wholeNumber(1),
  rowGroupBytes: wholeNumber(1, 1 << 28),
  fileBytes: wholeNumber(1),
  adopt: BOOLEAN,
  keepVersions: BOOLEAN,
}

function formatOf(options: WriteParquetOptions): ParquetFormat {
  const { compression = 'zstd', rowGroupRows = 131_072, rowGroupBytes = 16 << 20, fileBytes = 128 << 20 } = options
  return { compression, rowGroupRows, rowGroupBytes, fileBytes, createdBy: `sluice version ${VERSION}` }
}
