import type { LinearMemory } from '../../linear-memory.ts'
import { GONE, LIVE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `countLive` in `assembly/count-live.ts`. */
export function countLive(linear: LinearMemory): Kernels['countLive'] {
  return (live, rows) => linear.bytes.subarray(live, live + rows).filter((byte) => byte === LIVE).length
}

/** The twin of `countFlowing` in `assembly/count-live.ts`. */
export function countFlowing(linear: LinearMemory): Kernels['countFlowing'] {
  return (live, rows) => linear.bytes.subarray(live, live + rows).filter((byte) => byte !== GONE).length
}
