import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

export function cleanEmail(linear: LinearMemory): Kernels['cleanEmail'] {
  return () => {
    throw new Error(String(linear))
  }
}
