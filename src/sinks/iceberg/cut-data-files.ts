import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { DataFile } from '../../storage/iceberg/data-file.ts'
import type { WrittenColumn } from '../../storage/iceberg/evolve-schema.ts'
import type { NumberList } from '../../storage/number-file.ts'
import type { StagedPart } from '../../storage/target.ts'
import { cutParquet } from '../cut-parquet.ts'
import type { ParquetPart } from '../parquet-staging.ts'
import type { WriteResources } from '../sink.ts'
import { StagedParquet } from '../staged-parquet.ts'
import { columnMetrics } from './column-metrics.ts'
import type { DataFileFormat } from './data-file-writer.ts'
import type { IcebergPart, Unpublished } from './stage-iceberg.ts'

/** Takes rows out of data files that nobody sees yet. Files that lose none stay as they are, one that loses all goes. */
export async function cutDataFiles(
  part: IcebergPart & { readonly unpublished: Unpublished },
  drops: NumberList,
  format: DataFileFormat,
  resources: WriteResources,
): Promise<IcebergPart> {
  const { index, ordered, ...rest } = part
  const { unpublished, staged, split } = part
  const files = staged.files.map(({ path, records: rows, bytes, sha256 }): StagedPart => {
    return { split, path: join(unpublished.staging, path), rows, bytes, sha256 }
  })
  const whole = { ...rest, index, ordered, files, types: {} } as ParquetPart
  const cut = await cutParquet(whole, drops, format, resources)
  const kept: DataFile[] = []
  for (const [number, file] of cut.files.entries()) {
    const before = staged.files[number] as DataFile
    if (file.rows === before.records) kept.push(before)
    else if (file.rows === 0) await rm(file.path)
    else kept.push(await measured(before, file, unpublished.columns))
  }
  const bytes = kept.reduce((sum, file) => sum + file.bytes, 0)
  return { ...rest, rows: cut.rows, bytes, staged: { ...staged, files: kept } }
}

async function measured(before: DataFile, file: StagedPart, columns: readonly WrittenColumn[]): Promise<DataFile> {
  await using written = await StagedParquet.open(file)
  const { footer } = await written.footer()
  const { rows: records, bytes, sha256 } = file
  return { ...before, records, bytes, sha256, ...columnMetrics(footer, columns) }
}
