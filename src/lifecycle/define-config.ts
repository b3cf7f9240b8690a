import type { DatasetConfig, SluiceConfig } from '../config/config.ts'
import type { CsvOptions } from '../sources/csv-dialect.ts'

/** The options of a dataset are those of the reader of its format. */
type ReaderConfig =
  | (Omit<DatasetConfig, 'format' | 'options'> & { readonly format?: 'csv'; readonly options?: CsvOptions })
  | (DatasetConfig & { readonly format: 'parquet' | 'iceberg' })

export interface Config extends Omit<SluiceConfig, 'datasets'> {
  /** By name; a list where a dataset is there in several layers. */
  readonly datasets?: Readonly<Record<string, ReaderConfig | readonly ReaderConfig[]>>
}

/**
 * The configuration of a project, the default export of its `sluice.config.ts`. It is checked when it is loaded, for
 * then the name of the file is known.
 */
export function defineConfig(config: Config): Config {
  return config
}
