import type { LinearMemory } from '../../linear-memory.ts'
import { DATE } from '../../types/times.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-dates.ts`. */
export function parseDates(linear: LinearMemory): Kernels['parseDates'] {
  return parseCells(linear, { form: (text) => text !== '', values: DATE })
}
