import type { LinearMemory } from '../../linear-memory.ts'
import { INT32, INT64 } from '../../types/integers.ts'
import type { ValueType } from '../../types/value-type.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-integers.ts`. */
export function parseIntegers(linear: LinearMemory): Kernels['parseIntegers'] {
  return (spans, stride, rows, live, out, validity, slow, width, digits) => {
    const plain = new RegExp(`^[+-]?\\d{1,${digits}}$`)
    const values = (width === 4 ? INT32 : INT64) as ValueType
    const parse = parseCells(linear, { form: (text) => plain.test(text), values })
    parse(spans, stride, rows, live, out, validity, slow)
  }
}
