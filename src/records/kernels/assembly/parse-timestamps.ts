// A day, perhaps a time with up to six decimals of a second and, if `zoned`, an offset or a Z.
import { clockIn, dayAt, MINUTE, minutesAt, NONE } from './calendar'
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, hasText, setValid } from './validity'

const BLANK: u8 = 32
const PLUS: u8 = 43
const MINUS: u8 = 45
const T: u8 = 84
const Z: u8 = 90
const DAY: i64 = 1440 * MINUTE

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize, zoned: bool): bool {
  const day = end - from < 10 ? NONE : dayAt(from)
  if (day == NONE) return false
  from += 10
  let micros: i64 = 0
  if (from < end) {
    const mark = load<u8>(from++)
    if (mark != T && mark != BLANK) return false
    let offset = 0
    if (zoned && from < end && load<u8>(end - 1) == Z) end--
    else if (zoned && end - from > 6) {
      const sign = load<u8>(end - 6)
      if (sign == PLUS || sign == MINUS) {
        offset = minutesAt(end - 5)
        if (offset == NONE) return false
        if (sign == MINUS) offset = -offset
        end -= 6
      }
    }
    micros = clockIn(from, end)
    if (micros < 0) return false
    micros -= <i64>offset * MINUTE
  }
  store<i64>(out, <i64>day * DAY + micros)
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
