// A number without an exponent, as a whole number of its smallest unit.
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, digitOf, hasText, setValid } from './validity'

const PLUS: u8 = 43
const MINUS: u8 = 45
const POINT: u8 = 46

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize, width: i32, digits: i32, scale: i32): bool {
  const sign = load<u8>(from)
  if (sign == PLUS || sign == MINUS) from++
  const first = from
  let value: i64 = 0
  let room = digits - scale
  while (from < end) {
    const digit = digitOf(from)
    if (digit > 9) break
    from++
    value = value * 10 + digit
    // Leading zeros take no room.
    if (value != 0 && --room < 0) return false
  }
  if (room < 0) return false
  let written = from - first
  let missing = scale
  if (from < end && load<u8>(from) == POINT) {
    for (from++; from < end; from++, written++) {
      const digit = digitOf(from)
      if (digit > 9 || --missing < 0) return false
      value = value * 10 + digit
    }
  }
  if (from != end || written == 0) return false
  for (; missing > 0; missing--) value *= 10
  if (sign == MINUS) value = -value
  store<i64>(out, value)
  if (width == 16) store<i64>(out, value >> 63, 8)
  return true
}

export function parseDecimals(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  validity: usize,
  slow: usize,
  width: i32,
  digits: i32,
  scale: i32,
): void {
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += width) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out, width, digits, scale)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
