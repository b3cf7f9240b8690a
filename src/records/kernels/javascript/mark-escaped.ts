import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, QUOTED } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/mark-escaped.ts`. */
export function markEscaped(linear: LinearMemory): Kernels['markEscaped'] {
  return (fields, count, quote) => {
    const { bytes, words } = linear
    for (let span = fields >>> 2; span < (fields >>> 2) + 2 * count; span += 2) {
      const end = words[span + 1]!
      if ((end & QUOTED) === 0) continue
      if (bytes.subarray(words[span], end & ADDRESS).includes(quote)) words[span + 1] = end | ESCAPED
    }
  }
}
