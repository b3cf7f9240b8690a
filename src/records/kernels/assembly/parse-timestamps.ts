// A day, perhaps a time with up to six decimals of a second and, if `zoned`, an offset or a Z.
import { dayAt, minutesAt, NONE, pairAt } from './calendar'
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, digitOf, hasText, setValid } from './validity'

const BLANK: u8 = 32
const PLUS: u8 = 43
const MINUS: u8 = 45
const POINT: u8 = 46
const COLON: u8 = 58
const T: u8 = 84
const Z: u8 = 90
const MINUTE: i64 = 60_000_000
const SECOND: i64 = 1_000_000

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize, zoned: bool): bool {
  if (end - from < 10) return false
  const day = dayAt(from)
  if (day == NONE) return false
  let micros = <i64>day * 1440 * MINUTE
  from += 10
  if (from < end) {
    const mark = load<u8>(from)
    if ((mark != T && mark != BLANK) || end - from < 6) return false
    const minutes = minutesAt(from + 1)
    if (minutes == NONE) return false
    micros += <i64>minutes * MINUTE
    from += 6
    if (end - from >= 3 && load<u8>(from) == COLON) {
      const seconds = pairAt(from + 1)
      if (seconds > 59) return false
      micros += <i64>seconds * SECOND
      from += 3
      if (from < end && load<u8>(from) == POINT) {
        let unit = SECOND
        const first = ++from
        while (from < end && digitOf(from) <= 9) {
          unit /= 10
          micros += <i64>digitOf(from++) * unit
        }
        if (from == first || from - first > 6) return false
      }
    }
    if (from < end) {
      if (!zoned) return false
      const sign = load<u8>(from)
      if (sign == Z) from++
      else {
        if ((sign != PLUS && sign != MINUS) || end - from != 6) return false
        const offset = minutesAt(from + 1)
        if (offset == NONE) return false
        micros -= <i64>(sign == MINUS ? -offset : offset) * MINUTE
        from = end
      }
    }
  }
  if (from != end) return false
  store<i64>(out, micros)
  return true
}

export function parseTimestamps(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  validity: usize,
  slow: usize,
  zoned: bool,
): void {
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += 8) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out, zoned)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
