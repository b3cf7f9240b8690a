// true, false, 1 and 0; letters in any case.
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, hasText, setValid } from './validity'

const LOWER: u32 = 0x20202020
const TRUE: u32 = 0x65757274
const FALS: u32 = 0x736c6166
const E: u8 = 101

/** 1 or 0, or 2 for any other text. */
// @ts-ignore: decorator
@inline function parse(from: usize, end: usize): u8 {
  const length = end - from
  if (length == 1) {
    const digit = load<u8>(from) - 48
    return digit <= 1 ? digit : 2
  }
  const word = load<u32>(from) | LOWER
  if (length == 4 && word == TRUE) return 1
  if (length == 5 && word == FALS && (load<u8>(from, 4) | 32) == E) return 0
  return 2
}

export function parseBooleans(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  validity: usize,
  slow: usize,
): void {
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out++) {
    if (!hasText(spans, live, row)) continue
    const value = isEscaped(spans) ? 2 : parse(startOf(spans), endOf(spans))
    if (value != 2) {
      store<u8>(out, value)
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
