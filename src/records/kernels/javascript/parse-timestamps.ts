import type { LinearMemory } from '../../linear-memory.ts'
import { TIMESTAMP, TIMESTAMPTZ } from '../../types/times.ts'
import type { Kernels } from '../kernels.ts'
import { isCoarse, parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-timestamps.ts`. */
export function parseTimestamps(linear: LinearMemory): Kernels['parseTimestamps'] {
  return (spans, stride, rows, live, out, validity, slow, zoned) => {
    const values = zoned === 1 ? TIMESTAMPTZ : TIMESTAMP
    parseCells(linear, { form: isCoarse, values })(spans, stride, rows, live, out, validity, slow)
  }
}
