import { createHash } from 'node:crypto'
import { partitionPath } from '../../storage/iceberg/partition-path.ts'
import type { BoundPartitionField } from '../../storage/iceberg/partition-spec.ts'
import type { SingleValue } from '../../storage/iceberg/single-value.ts'

/** The folder of a partition. A name that file systems do not take is cut: readers go by the manifests. */
export function partitionFolder(
  fields: readonly BoundPartitionField[],
  values: readonly (SingleValue | null)[],
): string {
  return partitionPath(fields, values).split('/').map(shortened).join('/')
}

function shortened(name: string): string {
  if (name.length <= MOST) return name
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16)
  // No half of an escaped byte.
  return `${name.slice(0, MOST - 20).replace(/%.?$/, '')}-${hash}`
}

/** File systems take 255 bytes; the name is ASCII. */
const MOST = 200
