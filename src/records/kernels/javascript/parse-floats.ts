import type { LinearMemory } from '../../linear-memory.ts'
import { FLOAT64 } from '../../types/floats.ts'
import type { Kernels } from '../kernels.ts'
import { parseCells } from './parse-cells.ts'

/** The twin of `assembly/parse-floats.ts`. */
export function parseFloats(linear: LinearMemory): Kernels['parseFloats'] {
  return parseCells(linear, { form: isShort, values: FLOAT64 })
}

const FORM = /^[+-]?(\d*)\.?(\d*)(?:e([+-]?\d{1,4}))?$/i

function isShort(text: string): boolean {
  const [match, whole = '', decimals = '', exponent = '0'] = FORM.exec(text) ?? []
  const digits = `${whole}${decimals}`.replace(/^0+/, '').length
  return match !== undefined && digits <= 15 && Math.abs(Number(exponent) - decimals.length) <= 22
}
