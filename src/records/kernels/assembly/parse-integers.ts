// An optional sign, then so few digits that 64 bits hold them.
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, digitOf, hasText, setValid } from './validity'

const PLUS: u8 = 43
const MINUS: u8 = 45

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize, width: i32, digits: i32): bool {
  const sign = load<u8>(from)
  if (sign == PLUS || sign == MINUS) from++
  if (from == end || <i32>(end - from) > digits) return false
  let value: i64 = 0
  for (; from < end; from++) {
    const digit = digitOf(from)
    if (digit > 9) return false
    value = value * 10 + digit
  }
  if (sign == MINUS) value = -value
  if (width == 8) store<i64>(out, value)
  else if (value == <i64>(<i32>value)) store<i32>(out, <i32>value)
  else return false
  return true
}

export function parseIntegers(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  validity: usize,
  slow: usize,
  width: i32,
  digits: i32,
): void {
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += width) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out, width, digits)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
