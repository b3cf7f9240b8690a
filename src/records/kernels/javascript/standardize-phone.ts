import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

export function standardizePhone(linear: LinearMemory): Kernels['standardizePhone'] {
  return () => {
    throw new Error(String(linear))
  }
}
