import type { LinearMemory } from '../../linear-memory.ts'
import { decimalType } from '../../types/decimals.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-decimals.ts`. */
export function parseDecimals(linear: LinearMemory): Kernels['parseDecimals'] {
  return (spans, stride, rows, live, out, validity, slow, width, digits, scale) => {
    const plain = new RegExp(`^[+-]?0*\\d{0,${Math.max(0, digits - scale)}}(?:\\.\\d{0,${scale}})?$`)
    const form = (text: string) => digits >= scale && plain.test(text)
    const values = decimalType(width === 8 ? digits : WIDE, scale)
    parseCells(linear, { form, values })(spans, stride, rows, live, out, validity, slow)
  }
}

/** A precision that takes 16 bytes. */
const WIDE = 38
