import type { NumberList } from '../../storage/number-file.ts'
import { cutParquet } from '../cut-parquet.ts'
import type { ParquetFormat, ParquetPart } from '../parquet-staging.ts'
import type { SealedPart, WriteResources } from '../sink.ts'
import { cutDataFiles } from './cut-data-files.ts'
import type { DataFileFormat } from './data-file-writer.ts'
import { SPILL_FORMAT } from './spill-files.ts'
import type { IcebergPart } from './stage-iceberg.ts'

/** Takes rows out of the data files of a split, or out of what it holds in scratch: data files are made of the rest. */
export async function cutIceberg(
  sealed: SealedPart,
  drops: NumberList,
  format: DataFileFormat,
  resources: WriteResources,
): Promise<SealedPart> {
  const { unpublished } = sealed as IcebergPart
  if (unpublished !== undefined)
    return await cutDataFiles({ ...(sealed as IcebergPart), unpublished }, drops, format, resources)
  const { held, index, ordered, ...part } = sealed as IcebergPart
  if (held === undefined) return part
  const file = { ...held, split: part.split, rows: part.rows, sha256: '' }
  const whole = { ...sealed, files: [file], types: {} } as ParquetPart
  const { rows, files } = await cutParquet(whole, drops, FORMAT, resources)
  const { path, bytes } = files[0] as (typeof files)[number]
  return { ...part, rows, held: { path, bytes } } as IcebergPart
}

const FORMAT: ParquetFormat = { ...SPILL_FORMAT, fileBytes: Number.POSITIVE_INFINITY }
