// Days and times of ISO 8601 as people write them.
import { digitOf } from './validity'

const HYPHEN: u8 = 45
const POINT: u8 = 46
const COLON: u8 = 58
const SECOND: i64 = 1_000_000

export const MINUTE: i64 = 60_000_000

/** No day and no time. */
export const NONE: i32 = i32.MIN_VALUE

/** Two digits; what is above 99 is none. */
// @ts-ignore: decorator
@inline export function pairAt(at: usize): u32 {
  const high = digitOf(at)
  const low = digitOf(at + 1)
  return high > 9 || low > 9 ? 100 : high * 10 + low
}

/** The days since 1970-01-01 of the ten bytes YYYY-MM-DD, or NONE. */
export function dayAt(at: usize): i32 {
  const century = pairAt(at)
  const rest = pairAt(at + 2)
  const month = pairAt(at + 5)
  const day = pairAt(at + 8)
  if (century > 99 || rest > 99 || load<u8>(at, 4) != HYPHEN || load<u8>(at, 7) != HYPHEN) return NONE
  const year = century * 100 + rest
  if (month - 1 > 11 || day - 1 >= daysIn(year, month)) return NONE
  return daysFromCivil(<i32>year, <i32>month, <i32>day)
}

// @ts-ignore: decorator
@inline function daysIn(year: u32, month: u32): u32 {
  if (month == 2) return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
  return 30 + ((month + (month >> 3)) & 1)
}

/** Years that begin in March end with the day that leap years add; 400 of them have 146097 days. */
// @ts-ignore: decorator
@inline function daysFromCivil(year: i32, month: i32, day: i32): i32 {
  // 400 years later, so that nothing is negative.
  const shifted = (month <= 2 ? year - 1 : year) + 400
  const era = shifted / 400
  const ofEra = shifted % 400
  const ofYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
  return era * 146097 + ofEra * 365 + ofEra / 4 - ofEra / 100 + ofYear - 719468 - 146097
}

/** The minutes since midnight of the five bytes HH:MM, or NONE. */
// @ts-ignore: decorator
@inline export function minutesAt(at: usize): i32 {
  const hours = pairAt(at)
  const minutes = pairAt(at + 3)
  return hours > 23 || minutes > 59 || load<u8>(at, 2) != COLON ? NONE : <i32>(hours * 60 + minutes)
}

/** The microseconds since midnight of HH:MM, perhaps with seconds and up to six decimals of one; -1 for other text. */
export function clockIn(from: usize, end: usize): i64 {
  const minutes = end - from < 5 ? NONE : minutesAt(from)
  if (minutes == NONE) return -1
  let micros = <i64>minutes * MINUTE
  from += 5
  if (from == end) return micros
  const seconds = end - from < 3 || load<u8>(from) != COLON ? 100 : pairAt(from + 1)
  if (seconds > 59) return -1
  micros += <i64>seconds * SECOND
  from += 3
  if (from == end) return micros
  if (load<u8>(from) != POINT || end - from < 2 || end - from > 7) return -1
  let unit = SECOND
  for (from++; from < end; from++) {
    const digit = digitOf(from)
    if (digit > 9) return -1
    unit /= 10
    micros += <i64>digit * unit
  }
  return micros
}
