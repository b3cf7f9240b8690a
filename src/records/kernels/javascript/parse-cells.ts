import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, GONE } from '../../span.ts'
import type { ValueType } from '../../types/value-type.ts'
import type { ParseCells } from '../parse-kernels.ts'

/** Which text a kernel decides, and the type whose values it reads then. */
interface Decided<P> {
  readonly form: (text: string) => boolean
  readonly values: Pick<ValueType<P>, 'bytes' | 'parse' | 'write'>
}

/** What all twins of kernels that read values do: the type itself reads the text that its kernel decides. */
export function parseCells<P>(linear: LinearMemory, { form, values }: Decided<P>): ParseCells {
  return (spans, stride, rows, live, out, validity, slow) => {
    const { bytes, words } = linear
    bytes.fill(0, validity, validity + Math.ceil(rows / 64) * 8)
    let listed = 0
    for (let row = 0; row < rows; row++) {
      const span = (spans + row * stride) >>> 2
      const start = words[span]!
      const end = words[span + 1]! & ADDRESS
      if (start === end || bytes[live + row] === GONE) continue
      const text = words[span + 1]! & ESCAPED ? '' : bytes.toString('latin1', start, end)
      const value = form(text) ? values.parse(text) : undefined
      if (value === undefined) words[(slow >>> 2) + ++listed] = row
      else {
        values.write(bytes, out + row * values.bytes, value)
        bytes[validity + (row >>> 3)]! |= 1 << (row & 7)
      }
    }
    words[slow >>> 2] = listed
  }
}

/** Of a time: with no more decimals than a microsecond has, be the others zeros. */
export function isCoarse(text: string): boolean {
  return !/\.\d{7}/.test(text)
}
