import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS } from '../../span.ts'
import type { Kernels } from '../kernels.ts'

/** The twin of `assembly/align-records.ts`. */
export function alignRecords(linear: LinearMemory): Kernels['alignRecords'] {
  return (fields, count, columns, into, faults, capacity) => {
    const { words } = linear
    const base = fields >>> 2
    let good = 0
    let bad = 0
    let read = 0
    while (read < count && bad < capacity) {
      let next = read
      while (!endsRecord(linear, base + 2 * next)) next++
      next++
      const first = base + 2 * read
      const blank = next === read + 1 && words[first] === words[first + 1]
      if (next - read === columns && !(columns === 1 && blank)) {
        words.copyWithin((into >>> 2) + 2 * columns * good, first, base + 2 * next)
        good++
      } else {
        const start = words[first]! - (words[first + 1]! >>> 31)
        const end = terminator(linear, base + 2 * (next - 1))
        words.set([good, start, end, blank ? 0 : next - read], (faults >>> 2) + 2 + 4 * bad)
        bad++
      }
      read = next
    }
    words.set([bad, read], faults >>> 2)
    return good
  }
}

/** The twin of `isRectangular` in `assembly/align-records.ts`. */
export function isRectangular(linear: LinearMemory): Kernels['isRectangular'] {
  return (fields, records, columns) => {
    for (let record = 1; record <= records; record++) {
      if (!endsRecord(linear, (fields >>> 2) + 2 * (record * columns - 1))) return 0
    }
    return 1
  }
}

/** The address of the byte that ended the cell whose span is at `word`: behind its closing quote if it has one. */
function terminator({ words }: LinearMemory, word: number): number {
  const end = words[word + 1]!
  return (end & ADDRESS) + (end >>> 31)
}

function endsRecord(linear: LinearMemory, word: number): boolean {
  const byte = linear.bytes[terminator(linear, word)]
  return byte === 10 || byte === 13
}
