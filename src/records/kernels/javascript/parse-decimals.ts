import type { LinearMemory } from '../../linear-memory.ts'
import { decimalType } from '../../types/decimals.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-decimals.ts`. */
export function parseDecimals(linear: LinearMemory): Kernels['parseDecimals'] {
  return (spans, stride, rows, live, out, validity, slow, precision, scale) => {
    const form = (text: string) => isNarrow(text, scale)
    const parse = parseCells(linear, { form, values: decimalType(precision, scale) })
    parse(spans, stride, rows, live, out, validity, slow)
  }
}

const FORM = /^[+-]?0*(\d*)(?:\.(\d*))?$/

function isNarrow(text: string, scale: number): boolean {
  const [match, whole = '', decimals = ''] = FORM.exec(text) ?? []
  if (match === undefined || whole.length + decimals.length > 18) return false
  return decimals.length <= scale && scale - decimals.length <= 18
}
