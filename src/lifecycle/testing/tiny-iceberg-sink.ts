import { rowsOf } from '../../records/rows.ts'
import type { Field } from '../../records/schema.ts'
import { LIVE } from '../../records/span.ts'
import type { SealedPart, Sink } from '../../sinks/sink.ts'
import type { IcebergOptions, IcebergPlan } from '../../storage/iceberg/iceberg-plan.ts'
import { icebergTarget } from '../../storage/iceberg/iceberg-target.ts'
import { publishDataFile, stagedPath } from '../../storage/iceberg/stage-data-files.ts'
import { writeTiny } from '../../storage/iceberg/testing/tiny-parquet.ts'
import { writeLayout } from '../../storage/iceberg/write-layout.ts'

const FIELDS: readonly Field[] = [
  { name: 'id', type: { kind: 'int64' }, nullable: false },
  { name: 'region', type: { kind: 'string' }, nullable: true },
]

/** Writes rows with an `id` and a `region` to a table, one file a split: the least that a sink does. */
export function writeTinyIceberg(table: string, options: IcebergOptions): Sink {
  return {
    description: { type: 'iceberg', table },
    target: icebergTarget(options),
    location: table,
    adopt: false,
    extension: '.parquet',
    stage: async (plan, split) => {
      const rows: { id: bigint; region: string }[] = []
      return {
        write: async (batch) => {
          const object = rowsOf(batch)
          for (let row = 0; row < batch.rows; row++) {
            if (batch.mask[row] !== LIVE) continue
            const { id, region } = object(row) as { id: number; region: string }
            rows.push({ id: BigInt(id), region })
          }
        },
        seal: async (): Promise<SealedPart> => {
          const layout = writeLayout(plan as IcebergPlan, FIELDS)
          const file = writeTiny(stagedPath(plan, ''), `${split}.parquet`, layout, rows)
          await publishDataFile(plan as IcebergPlan, file)
          const { bytes, sha256 } = file
          const columns = FIELDS.map(({ name }) => name)
          return {
            split,
            path: '',
            rows: rows.length,
            bytes,
            sha256,
            columns,
            staged: { fields: FIELDS, files: [file] },
          }
        },
        close: async () => {},
      }
    },
    cut: async () => {
      throw new Error('a tiny file is not cut')
    },
  }
}
