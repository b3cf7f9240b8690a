import { join } from 'node:path'
import { VERSION } from '../config/version.ts'
import type { TargetPlan } from '../storage/target.ts'
import { type ParquetFormat, ParquetStaging } from './parquet-staging.ts'
import type { Sink } from './sink.ts'

/** Where a split is staged for another round of the same run. */
export interface ScratchSink {
  readonly sink: Pick<Sink, 'stage'>
  readonly target: TargetPlan
}

/** Stages splits as Parquet, one file each, which nobody but the run itself ever sees. */
export function scratchParquet(directory: string, runId: string): ScratchSink {
  const plan = { path: directory, runId, state: '', staging: directory, base: '', extension: '.parquet' }
  const target = { partPath: (_plan: TargetPlan, split: number) => join(directory, `${split}.parquet`) }
  return {
    sink: { stage: async (plan, split, resources) => new ParquetStaging({ target, plan, split }, FORMAT, resources) },
    target: { kind: 'local-file', ...plan },
  }
}

const FORMAT: ParquetFormat = {
  compression: 'zstd',
  rowGroupRows: 131_072,
  rowGroupBytes: 16 << 20,
  fileBytes: Number.POSITIVE_INFINITY,
  createdBy: `sluice version ${VERSION}`,
}
