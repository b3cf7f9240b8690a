import type { CatalogConfig } from '../config/catalog-config.ts'
import { checkOptions, type OptionCheck, type OptionChecks, oneOf, TEXT, wholeNumber } from '../config/check-options.ts'
import { VERSION } from '../config/version.ts'
import type { Compression } from '../parquet/compressor.ts'
import { CATALOG, checkCatalog } from '../storage/iceberg/check-catalog.ts'
import type { SchemaPolicy } from '../storage/iceberg/evolve-schema.ts'
import type { IcebergPlan } from '../storage/iceberg/iceberg-plan.ts'
import { icebergTarget } from '../storage/iceberg/iceberg-target.ts'
import { parseWish } from '../storage/iceberg/partition-spec.ts'
import type { WriteMode } from '../storage/iceberg/table-commit.ts'
import { parseTableName } from '../storage/iceberg/table-name.ts'
import { completeIceberg } from './iceberg/complete-iceberg.ts'
import { cutIceberg } from './iceberg/cut-iceberg.ts'
import type { DataFileFormat } from './iceberg/data-file-writer.ts'
import { type IcebergPart, IcebergStaging } from './iceberg/stage-iceberg.ts'
import type { Sink } from './sink.ts'

export interface WriteIcebergOptions {
  /**
   * `append` (default) adds rows; `overwrite` replaces all rows; `create` makes the table, which must not be there;
   * `createOrReplace` makes it, or replaces its rows, columns and partitions.
   */
  readonly mode?: WriteMode
  /** Another name of the configuration than the first part of the table's name, or a catalog that stands in none. */
  readonly catalog?: string | CatalogConfig
  /** Default `main`. Another one begins where main is, and nobody who reads the table sees it until it is published. */
  readonly branch?: string
  /** Such as `['day(ts)', 'bucket(16, id)', 'region']`, for a table that is made or replaced; default none. */
  readonly partitionBy?: readonly string[]
  /**
   * What becomes of columns that the table lacks, or has in a narrower type: `evolve` (default) adds and widens them,
   * `freeze` fails, `discard_columns` leaves new ones out, and the report counts them.
   */
  readonly schemaPolicy?: SchemaPolicy
  /** Default `zstd`. */
  readonly compression?: Compression
  /** A row group has so many rows at most; default 131072. */
  readonly rowGroupRows?: number
  /** A row group ends when it has so many bytes before compression; default 16 MiB. */
  readonly rowGroupBytes?: number
  /** A data file ends with the row group behind so many bytes; default 128 MiB. */
  readonly fileBytes?: number
}

/**
 * Writes to the Apache Iceberg table `catalog.namespace.table`, whose rows become visible in one commit. In the environment
 * `local` the catalog need not be configured: it is a database in `dist/local_output/<catalog>/`, beside its tables.
 *
 * @throws SluiceError `job-invalid` for options that make no sense.
 */
// biome-ignore lint/suspicious/noExplicitAny: rows of any shape can be written
export function writeIceberg(table: string, options: WriteIcebergOptions = {}): Sink<any> {
  checkOptions<WriteIcebergOptions>('writeIceberg', options, OPTIONS)
  parseTableName(table)
  checkCatalog('writeIceberg', options.catalog)
  for (const wish of options.partitionBy ?? []) parseWish(wish)
  const { mode, catalog, branch, partitionBy, schemaPolicy, ...rest } = options
  const format = formatOf(rest)
  return {
    description: {
      type: 'iceberg',
      table,
      ...options,
      ...(catalog === undefined ? {} : { catalog: placeOf(catalog) }),
    },
    target: icebergTarget(given({ mode, catalog, branch, partitionBy, schemaPolicy })),
    location: table,
    adopt: false,
    extension: '.parquet',
    stage: async (plan, split, resources) => new IcebergStaging(plan as IcebergPlan, split, format, resources),
    cut: (part, drops, resources) => cutIceberg(part, drops, format, resources),
    complete: (plan, parts, resources) =>
      completeIceberg(plan as IcebergPlan, parts as readonly IcebergPart[], format, resources),
  }
}

const PARTITIONS: OptionCheck = {
  wanted: 'an array such as ["day(ts)", "bucket(16, id)", "region"]',
  accepts: (value) => Array.isArray(value) && value.every((part) => typeof part === 'string'),
}

const OPTIONS: OptionChecks<WriteIcebergOptions> = {
  mode: oneOf('append', 'overwrite', 'create', 'createOrReplace'),
  catalog: CATALOG,
  branch: TEXT,
  partitionBy: PARTITIONS,
  schemaPolicy: oneOf('evolve', 'freeze', 'discard_columns'),
  compression: oneOf('zstd', 'gzip', 'none'),
  rowGroupRows: wholeNumber(1),
  rowGroupBytes: wholeNumber(1, 1 << 28),
  fileBytes: wholeNumber(1),
}

function formatOf(
  options: Pick<WriteIcebergOptions, 'compression' | 'rowGroupRows' | 'rowGroupBytes' | 'fileBytes'>,
): DataFileFormat {
  const { compression = 'zstd', rowGroupRows = 131_072, rowGroupBytes = 16 << 20, fileBytes = 128 << 20 } = options
  return { compression, rowGroupRows, rowGroupBytes, fileBytes, createdBy: `sluice version ${VERSION}` }
}

/** Without what may be secret. */
function placeOf(catalog: string | CatalogConfig): unknown {
  if (typeof catalog === 'string') return catalog
  const { type, uri, warehouse } = catalog
  return given({ type, uri, warehouse })
}

function given<T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never
}
