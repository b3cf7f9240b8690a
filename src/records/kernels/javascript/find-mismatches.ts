import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'

export function findMismatches(linear: LinearMemory): Kernels['findMismatches'] {
  return () => {
    throw new Error(String(linear))
  }
}
