// A number without an exponent, as a whole number of its smallest unit.
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, digitOf, hasText, setValid } from './validity'

const PLUS: u8 = 43
const MINUS: u8 = 45
const POINT: u8 = 46

/** So many digits 64 bits surely hold. */
const NARROW = 18
const HALF: u64 = 0xffffffff

// @ts-ignore: decorator
@inline function powerOfTen(power: i32): i64 {
  let value: i64 = 1
  for (; power > 0; power--) value *= 10
  return value
}

/** The product of two numbers that are not negative, or its negative, in 128 bits. */
// @ts-ignore: decorator
@inline function storeProduct(out: usize, a: u64, b: u64, negative: bool): void {
  const lowest = (a & HALF) * (b & HALF)
  const left = (a >> 32) * (b & HALF)
  const right = (a & HALF) * (b >> 32)
  const middle = (lowest >> 32) + (left & HALF) + (right & HALF)
  let low = (lowest & HALF) | (middle << 32)
  let high = (a >> 32) * (b >> 32) + (left >> 32) + (right >> 32) + (middle >> 32)
  if (negative) {
    low = ~low + 1
    high = ~high + <u64>(low == 0)
  }
  store<u64>(out, low)
  store<u64>(out, high, 8)
}

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize, precision: i32, scale: i32): bool {
  const sign = load<u8>(from)
  if (sign == PLUS || sign == MINUS) from++
  const first = from
  let value: i64 = 0
  let room = precision - scale
  let left = NARROW
  while (from < end) {
    const digit = digitOf(from)
    if (digit > 9) break
    from++
    value = value * 10 + digit
    // Leading zeros take no room.
    if (value != 0 && (--room < 0 || --left < 0)) return false
  }
  let written = from - first
  let missing = scale
  if (from < end && load<u8>(from) == POINT) {
    for (from++; from < end; from++, written++) {
      const digit = digitOf(from)
      if (digit > 9 || --missing < 0 || --left < 0) return false
      value = value * 10 + digit
    }
  }
  if (from != end || written == 0 || missing > NARROW) return false
  const power = powerOfTen(missing)
  if (precision > NARROW) storeProduct(out, value, power, sign == MINUS)
  else store<i64>(out, sign == MINUS ? -value * power : value * power)
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
  precision: i32,
  scale: i32,
): void {
  const width = precision > NARROW ? 16 : 8
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += width) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out, precision, scale)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
