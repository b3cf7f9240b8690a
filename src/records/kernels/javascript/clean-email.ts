import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, GONE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'
import { dropBlanks, skipBlanks } from './blanks.ts'

/** The twin of `assembly/clean-email.ts`: passes exactly what that passes, byte by byte. */
export function cleanEmail(linear: LinearMemory): Kernels['cleanEmail'] {
  return (spans, stride, rows, live, out, arena, slow) => {
    const { bytes, words } = linear
    let listed = 0
    for (let row = 0; row < rows; row++) {
      if (bytes[live + row] === GONE) continue
      const span = (spans + row * stride) >>> 2
      const flags = words[span + 1]!
      const start = skipBlanks(bytes, words[span]!, flags & ADDRESS)
      const end = dropBlanks(bytes, start, flags & ADDRESS)
      let length = end - start
      const plain = length <= LONGEST && (flags & ESCAPED) === 0 && clean(bytes, start, end, arena)
      if (length !== 0 && !plain) {
        words[(slow >>> 2) + ++listed] = row
        length = 0
      }
      words[(out >>> 2) + 2 * row] = arena
      words[(out >>> 2) + 2 * row + 1] = arena + length
      arena += length
    }
    words[slow >>> 2] = listed
    return arena
  }
}

const LONGEST = 64
const OTHER = 0
const LETTER = 1
const DIGIT = 2
/** _ % + */
const MARK = 3
const HYPHEN = 4
const DOT = 5
const AT = 6

const KINDS: Uint8Array = kinds()

function kinds(): Uint8Array {
  const table = new Uint8Array(256)
  table.fill(LETTER, 65, 91).fill(LETTER, 97, 123).fill(DIGIT, 48, 58)
  for (const mark of '_%+') table[mark.charCodeAt(0)] = MARK
  table[45] = HYPHEN
  table[46] = DOT
  table[64] = AT
  return table
}

/** Writes [start, end) lower-cased to `arena`; false unless it is plainly an address. One pass, one small state. */
function clean(bytes: Uint8Array, start: number, end: number, arena: number): boolean {
  let at = -1
  let lastDot = -1
  let previous: number = DOT
  let topIsLetters = true
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    const kind = KINDS[byte]!
    bytes[arena + i - start] = kind === LETTER ? byte | 0x20 : byte
    if (kind === OTHER) return false
    const afterEdge = previous === DOT || previous === AT
    if (kind === AT || kind === DOT) {
      if (afterEdge || (previous === HYPHEN && at >= 0)) return false
      topIsLetters = true
      if (kind === DOT) lastDot = i
      else if (at >= 0) return false
      else at = i
    } else if (at >= 0) {
      if (kind === MARK || (kind === HYPHEN && afterEdge)) return false
      topIsLetters &&= kind === LETTER
    }
    previous = kind
  }
  return at >= 0 && lastDot > at && topIsLetters && end - lastDot > 2
}
