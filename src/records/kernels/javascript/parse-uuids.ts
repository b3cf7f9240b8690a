import type { LinearMemory } from '../../linear-memory.ts'
import { UUID } from '../../types/uuids.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-uuids.ts`. */
export function parseUuids(linear: LinearMemory): Kernels['parseUuids'] {
  return parseCells(linear, { form: (text) => text !== '', values: UUID })
}
