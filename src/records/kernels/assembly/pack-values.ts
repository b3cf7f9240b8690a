// Values as Parquet's PLAIN encoding has them, and definition levels of one bit (Encodings.md: PLAIN, RLE).
import { endOf, isEscaped, startOf } from './span'

/** Words of a page: see `PAGE` in ../kernels.ts. */
let out: usize = 0
let limit: usize = 0
let levels: usize = 0
let level: u32 = 0
let values: u32 = 0

// @ts-ignore: decorator
@inline function open(page: usize): void {
  out = <usize>load<u32>(page)
  limit = <usize>load<u32>(page, 4)
  levels = <usize>load<u32>(page, 8)
  level = load<u32>(page, 12)
  values = load<u32>(page, 16)
}

// @ts-ignore: decorator
@inline function close(page: usize): void {
  store<u32>(page, <u32>out)
  store<u32>(page, level, 12)
  store<u32>(page, values, 16)
}

// @ts-ignore: decorator
@inline function isValid(validity: usize, row: usize): bool {
  return ((load<u8>(validity + (row >> 3)) >> (<u8>row & 7)) & 1) != 0
}

/** The first bit of a byte clears the others. */
// @ts-ignore: decorator
@inline function pushLevel(bit: u32): void {
  const at = levels + <usize>(level >> 3)
  const shift = level & 7
  store<u8>(at, shift == 0 ? bit : load<u8>(at) | (bit << shift))
  level++
}

/** Of two quotes one is enough. */
function copyUnescaped(from: usize, end: usize, to: usize): usize {
  const quote = load<u8>(from - 1)
  while (from < end) {
    const byte = load<u8>(from++)
    if (byte == quote) from++
    store<u8>(to++, byte)
  }
  return to
}

// @ts-ignore: decorator
@inline function putText(span: usize, start: usize, end: usize): void {
  const to = out + 4
  let stop = to + (end - start)
  if (isEscaped(span)) {
    stop = copyUnescaped(start, end, to)
  } else {
    for (let at = to; at < stop; at += 16, start += 16) v128.store(at, v128.load(start))
  }
  store<u32>(out, <u32>(stop - to))
  out = stop
  values++
}

export function packText(
  spans: usize,
  stride: usize,
  from: i32,
  rows: i32,
  live: usize,
  validity: usize,
  page: usize,
): i32 {
  open(page)
  let row = from
  let span = spans + <usize>from * stride
  for (; row < rows; row++, span += stride) {
    if (load<u8>(live + row) != 1) continue
    const start = startOf(span)
    const end = endOf(span)
    const valid = validity == 0 ? start != end : isValid(validity, row)
    if (valid) {
      if (out + 4 + (end - start) > limit) break
      putText(span, start, end)
    }
    pushLevel(<u32>valid)
  }
  close(page)
  return row
}

export function packFixed(
  from: usize,
  stride: usize,
  width: usize,
  first: i32,
  rows: i32,
  live: usize,
  validity: usize,
  page: usize,
): i32 {
  open(page)
  let row = first
  for (; row < rows; row++) {
    if (load<u8>(live + row) != 1) continue
    const valid = validity == 0 || isValid(validity, row)
    if (valid) {
      if (out + width > limit) break
      v128.store(out, v128.load(from + <usize>row * stride))
      out += width
      values++
    }
    pushLevel(<u32>valid)
  }
  close(page)
  return row
}
