import type { LinearMemory } from '../../linear-memory.ts'
import { BOOLEAN } from '../../types/integers.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-booleans.ts`. */
export function parseBooleans(linear: LinearMemory): Kernels['parseBooleans'] {
  return parseCells(linear, { form: (text) => text !== '', values: BOOLEAN })
}
