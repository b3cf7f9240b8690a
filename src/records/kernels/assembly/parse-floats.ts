// The numbers whose double one correctly rounded step gives (W. D. Clinger, 1990): up to 15 digits and a power of ten up
// to 10^22 are doubles themselves, and so their product or quotient is the double next to the number.
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, digitOf, hasText, setValid } from './validity'

const PLUS: u8 = 43
const MINUS: u8 = 45
const POINT: u8 = 46
const EXPONENT: u8 = 101
const DIGITS = 15
const POWER = 22

/** Exact, as each of its steps is. */
// @ts-ignore: decorator
@inline function powerOfTen(power: i32): f64 {
  let value: f64 = 1
  for (; power > 0; power--) value *= 10
  return value
}

/** Up to four digits behind an optional sign; what is above all exponents if it is anything else. */
function exponentIn(from: usize, end: usize): i32 {
  const sign = load<u8>(from)
  if (from < end && (sign == PLUS || sign == MINUS)) from++
  if (from == end || end - from > 4) return i32.MAX_VALUE
  let value = 0
  for (; from < end; from++) {
    const digit = digitOf(from)
    if (digit > 9) return i32.MAX_VALUE
    value = value * 10 + <i32>digit
  }
  return sign == MINUS ? -value : value
}

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize): bool {
  const sign = load<u8>(from)
  if (sign == PLUS || sign == MINUS) from++
  let value: i64 = 0
  let digits = 0
  let written = false
  let point: usize = 0
  for (; from < end; from++) {
    const digit = digitOf(from)
    if (digit <= 9) {
      value = value * 10 + digit
      written = true
      // Leading zeros do not count.
      if (value != 0 && ++digits > DIGITS) return false
    } else if (load<u8>(from) == POINT && point == 0) point = from + 1
    else break
  }
  if (!written) return false
  let power = point == 0 ? 0 : -<i32>(from - point)
  if (from < end) {
    if ((load<u8>(from) | 32) != EXPONENT) return false
    const exponent = exponentIn(from + 1, end)
    if (exponent == i32.MAX_VALUE) return false
    power += exponent
  }
  if (power < -POWER || power > POWER) return false
  const size = <f64>value
  const scaled = power < 0 ? size / powerOfTen(-power) : size * powerOfTen(power)
  store<f64>(out, sign == MINUS ? -scaled : scaled)
  return true
}

export function parseFloats(
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
  for (let row = 0; row < rows; row++, spans += stride, out += 8) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
