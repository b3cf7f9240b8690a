import type { LinearMemory } from '../../linear-memory.ts'
import type { Kernels } from '../kernels.ts'
import { cleanEmail } from './clean-email.ts'
import { findMismatches } from './find-mismatches.ts'
import { standardizePhone } from './standardize-phone.ts'
import { writeJsonCells, writeJsonText } from './write-json.ts'

/** The same functions as the WebAssembly kernels, in plain JavaScript over the same memory. */
export function javascriptKernels(linear: LinearMemory): Kernels {
  return {
    cleanEmail: cleanEmail(linear),
    findMismatches: findMismatches(linear),
    standardizePhone: standardizePhone(linear),
    writeJsonCells: writeJsonCells(linear),
    writeJsonText: writeJsonText(linear),
  } as unknown as Kernels
}
