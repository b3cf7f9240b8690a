import type { NumberList } from '../storage/number-file.ts'
import type { ParquetFormat } from './parquet-staging.ts'
import type { SealedPart, WriteResources } from './sink.ts'

export async function cutParquet(
  _part: SealedPart,
  _drops: NumberList,
  _format: ParquetFormat,
  _resources: WriteResources,
): Promise<SealedPart> {
  throw new Error('not yet')
}
