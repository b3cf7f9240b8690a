import type { z } from 'zod'
import type { DatasetFormat } from '../config/config.ts'
import { type Dataset, findDataset, type PlaceOptions } from '../config/datasets.ts'
import type { Settings } from '../config/settings.ts'
import { SluiceError } from '../errors.ts'
import type { Shape, Untyped } from '../records/shape.ts'
import { readCsv } from '../sources/csv.ts'
import type { SchemaShape } from '../sources/csv-schema.ts'
import { readIceberg } from '../sources/iceberg.ts'
import { readParquet } from '../sources/parquet.ts'
import type { Source } from '../sources/source.ts'

export interface ReadDatasetOptions extends PlaceOptions {
  /** A zod object: rows are cast and typed by it. */
  readonly schema?: SchemaShape
}

export interface ReadDataset {
  <S extends SchemaShape>(name: string, options: ReadDatasetOptions & { readonly schema: S }): Source<z.infer<S>>
  (name: string, options?: ReadDatasetOptions): Source<Untyped>
}

type Reader = (dataset: Dataset, schema: SchemaShape | undefined) => Source<Shape>

/** By format. */
const READERS: Readonly<Record<DatasetFormat, Reader>> = {
  csv: ({ location, options }, schema) =>
    schema === undefined ? readCsv(location, options) : readCsv(location, { ...options, schema }),
  parquet: ({ location, options }, schema) =>
    schema === undefined ? readParquet(location, options) : readParquet(location, { ...options, schema }),
  iceberg: ({ location, options }, schema) =>
    schema === undefined ? readIceberg(location, options) : readIceberg(location, { ...options, schema }),
}

/** `readDataset` for jobs. It throws `dataset-not-found`, or `config-invalid` for what the reader does not take. */
export function datasetReader(settings: Settings): ReadDataset {
  return (name: string, { schema, ...place }: ReadDatasetOptions = {}): Source<never> => {
    const dataset = findDataset(settings, name, place)
    try {
      return READERS[dataset.format](dataset, schema) as Source<never>
    } catch (error) {
      if (!(error instanceof SluiceError)) throw error
      const where = settings.file === undefined ? '' : `${settings.file}: `
      throw new SluiceError('config-invalid', `${where}datasets.${name}: ${error.message}`, { cause: error })
    }
  }
}
