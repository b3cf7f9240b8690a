import type { LinearMemory } from '../../linear-memory.ts'
import { ADDRESS, ESCAPED, LIVE } from '../../span.ts'
import type { Kernels } from '../kernels.ts'
import { PAGE } from '../page-kernels.ts'

/** The twin of `packText` in `assembly/pack-values.ts`. */
export function packText(linear: LinearMemory): Kernels['packText'] {
  return (spans, stride, from, rows, live, validity, page) => {
    const { bytes, words } = linear
    const open = openPage(linear, page)
    let row = from
    for (; row < rows; row++) {
      if (bytes[live + row] !== LIVE) continue
      const span = (spans + row * stride) >>> 2
      const start = words[span] as number
      const stop = words[span + 1] as number
      const end = stop & ADDRESS
      const valid = validity === 0 ? start !== end : isValid(bytes, validity, row)
      if (valid) {
        if (open.out + 4 + end - start > open.limit) break
        const length = copyText(bytes, start, end, open.out + 4, (stop & ESCAPED) !== 0)
        bytes.writeUInt32LE(length, open.out)
        open.out += 4 + length
        open.values++
      }
      pushLevel(bytes, open, valid)
    }
    closePage(linear, page, open)
    return row
  }
}

/** The twin of `packFixed`. */
export function packFixed(linear: LinearMemory): Kernels['packFixed'] {
  return (from, stride, width, first, rows, live, validity, page) => {
    const { bytes } = linear
    const open = openPage(linear, page)
    let row = first
    for (; row < rows; row++) {
      if (bytes[live + row] !== LIVE) continue
      const valid = validity === 0 || isValid(bytes, validity, row)
      if (valid) {
        if (open.out + width > open.limit) break
        const value = from + row * stride
        bytes.copyWithin(open.out, value, value + width)
        open.out += width
        open.values++
      }
      pushLevel(bytes, open, valid)
    }
    closePage(linear, page, open)
    return row
  }
}

interface OpenPage {
  out: number
  readonly limit: number
  readonly levels: number
  level: number
  values: number
}

function openPage({ words }: LinearMemory, page: number): OpenPage {
  const word = (offset: number) => words[(page >>> 2) + offset] as number
  return {
    out: word(PAGE.out),
    limit: word(PAGE.limit),
    levels: word(PAGE.levels),
    level: word(PAGE.level),
    values: word(PAGE.values),
  }
}

function closePage({ words }: LinearMemory, page: number, { out, level, values }: OpenPage): void {
  words[(page >>> 2) + PAGE.out] = out
  words[(page >>> 2) + PAGE.level] = level
  words[(page >>> 2) + PAGE.values] = values
}

function isValid(bytes: Buffer, validity: number, row: number): boolean {
  return ((bytes[validity + (row >>> 3)] as number) & (1 << (row & 7))) !== 0
}

function pushLevel(bytes: Buffer, page: OpenPage, valid: boolean): void {
  const at = page.levels + (page.level >>> 3)
  const shift = page.level++ & 7
  bytes[at] = shift === 0 ? Number(valid) : (bytes[at] as number) | (Number(valid) << shift)
}

/** Returns the length. Of two quotes one is enough. */
function copyText(bytes: Buffer, start: number, end: number, to: number, escaped: boolean): number {
  if (!escaped) {
    bytes.copyWithin(to, start, end)
    return end - start
  }
  const quote = bytes[start - 1]
  let at = to
  for (let from = start; from < end; from++) {
    const byte = bytes[from] as number
    bytes[at++] = byte
    if (byte === quote) from++
  }
  return at - to
}
