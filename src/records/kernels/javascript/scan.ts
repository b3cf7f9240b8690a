import type { LinearMemory } from '../../linear-memory.ts'
import { QUOTED } from '../../span.ts'
import { type Kernels, SCAN, SCAN_ESCAPES, SCAN_IRREGULAR, SCAN_NOT_ASCII } from '../kernels.ts'

/** The twin of `assembly/scan.ts`: one byte after the other. */
export function scan(linear: LinearMemory): Kernels['scan'] {
  return (from, end, fields, result, delimiter, quote) => {
    const { bytes, words } = linear
    const stop = firstIrregular(bytes, from, end, delimiter, quote)
    let flags = stop < end ? SCAN_IRREGULAR : 0
    let written = 0
    let lines = 0
    let start = from
    let inside = false
    const done = { fields: 0, consumed: from, records: 0, lines: 0 }
    for (let at = from; at < stop; at++) {
      const byte = bytes[at]!
      if (byte >= 128) flags |= SCAN_NOT_ASCII
      if (byte === quote) {
        // An opening quote behind a closing one: the two are a doubled quote.
        if (!inside && at > start) flags |= SCAN_ESCAPES
        inside = !inside
      }
      const lineEnd = byte === CR || (byte === LF && !(at > from && bytes[at - 1] === CR))
      if (lineEnd) lines++
      if (inside || !(lineEnd || byte === delimiter)) {
        // The LF of a CRLF belongs to no cell.
        if (byte === LF && !lineEnd && at === start) start++
        continue
      }
      const quoted = bytes[start] === quote ? 1 : 0
      words[(fields >>> 2) + 2 * written] = start + quoted
      words[(fields >>> 2) + 2 * written + 1] = at - quoted + quoted * QUOTED
      written++
      start = at + 1
      if (lineEnd) Object.assign(done, { fields: written, consumed: start, records: done.records + 1, lines })
    }
    const { consumed } = done
    const crlf = consumed > from && consumed < end && bytes[consumed - 1] === CR && bytes[consumed] === LF
    words[(result >>> 2) + SCAN.fields] = done.fields
    words[(result >>> 2) + SCAN.consumed] = consumed + (crlf ? 1 : 0)
    words[(result >>> 2) + SCAN.records] = done.records
    words[(result >>> 2) + SCAN.lines] = done.lines
    words[(result >>> 2) + SCAN.flags] = flags
  }
}

const LF = 10
const CR = 13

/** The start of the 64 bytes, counted from `from`, with the first quote that is out of place; else `end`. */
function firstIrregular(bytes: Uint8Array, from: number, end: number, delimiter: number, quote: number): number {
  let state: 'cell start' | 'plain' | 'quoted' | 'closed' = 'cell start'
  for (let at = from; at < end; at++) {
    const byte = bytes[at]
    const separator = byte === delimiter || byte === LF || byte === CR
    if (byte === quote) {
      if (state === 'plain') return from + Math.floor((at - from) / 64) * 64
      state = state === 'quoted' ? 'closed' : 'quoted'
    } else if (state !== 'quoted') {
      if (state === 'closed' && !separator) return from + Math.floor((at - from) / 64) * 64
      state = separator ? 'cell start' : 'plain'
    }
  }
  return end
}
