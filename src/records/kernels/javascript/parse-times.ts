import type { LinearMemory } from '../../linear-memory.ts'
import { TIME } from '../../types/times.ts'
import type { Kernels } from '../kernels.ts'
import { isCoarse, parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-times.ts`. */
export function parseTimes(linear: LinearMemory): Kernels['parseTimes'] {
  return parseCells(linear, { form: isCoarse, values: TIME })
}
