import type { CatalogConfigs } from './catalog-config.ts'

/** A stage of a data lake: as delivered, cleaned, made for its readers. */
export type Layer = 'bronze' | 'silver' | 'gold'

export type DatasetFormat = 'csv' | 'parquet' | 'iceberg'

/** What may differ from environment to environment. In every text, `{env}` stands for the environment's name. */
export interface EnvironmentConfig {
  /** Where the layers of the lake lie; default `s3://data-lake-{env}-{layer}`. */
  readonly buckets?: string
  /** Of AWS; default: where the SDK finds one. */
  readonly region?: string
  /** Of an S3, with SQS and SNS if used, that is not AWS's; default: where the SDK finds one. */
  readonly endpoint?: string
  /** The bucket stands in the path, not in the host; default true with an endpoint of one's own. */
  readonly pathStyle?: boolean
  /** Where rejected rows go, unless the job says so itself: a file, `s3://bucket/prefix/` or `sqs://…`. */
  readonly deadLetters?: string
  /** Who is told how a run ended, unless the job says so itself: ARNs of SNS topics, and URLs of webhooks. */
  readonly notify?: readonly string[]
  /** Where audit records lie; default `audit` in the state directory. */
  readonly audit?: string
  /** Where journal, ledger and dead letters lie; default `.sluice`. */
  readonly state?: string
  /** Where tables are registered, by name: the first part of a table's name. */
  readonly catalogs?: CatalogConfigs
  /** Where datasets lie in the environment `local`; default `fixtures`. */
  readonly dataDir?: string
}

/** A dataset in one layer. */
export interface DatasetConfig {
  /** Default bronze. */
  readonly layer?: Layer
  /** Default csv. */
  readonly format?: DatasetFormat
  /** Of the reader. */
  readonly options?: Readonly<Record<string, unknown>>
  /** By environment, where it does not lie where it would by its name. */
  readonly locations?: Readonly<Record<string, string>>
}

/** What `sluice.config.ts` exports. Settings beside `environments` are those of all of them. */
export interface SluiceConfig extends EnvironmentConfig {
  /** Where a run works that does not say it; default `local`. */
  readonly environment?: string
  /** By name: `local`, `dev`, `staging`, `prod`, or a name of one's own, which is an environment then. */
  readonly environments?: Readonly<Record<string, EnvironmentConfig>>
  /** By name; a list where a dataset is there in several layers. */
  readonly datasets?: Readonly<Record<string, DatasetConfig | readonly DatasetConfig[]>>
}

export const LAYERS: readonly Layer[] = ['bronze', 'silver', 'gold']
export const FORMATS: readonly DatasetFormat[] = ['csv', 'parquet', 'iceberg']
