// The layout of `table` is described at `standardizePhone` in ../kernels.ts.
import { endOf, isEscaped, setSpan, startOf } from './span'

const COUNTRY_CODE: usize = 4
const NATIONAL_PREFIX: usize = 8
const BARE: usize = 16
const BEHIND_PREFIX: usize = 36
const INDEX: usize = 64
const COMPACTIONS: usize = 1064
const PLANS: usize = 3112
const PLAN: usize = 24

const LONGEST: usize = 40
/** Where digits are collected, behind the arena's end. */
const SCRATCH: usize = 32

/** space ( ) - . / in the bits of their codes less 32, [ ] in those less 64. */
const MARKS_FROM_32: u64 = (1 << 0) | (1 << 8) | (1 << 9) | (1 << 13) | (1 << 14) | (1 << 15)
const MARKS: u64 = MARKS_FROM_32 | (1 << 59) | (1 << 61)

// @ts-ignore: decorator
@inline function isBlank(byte: u8): bool {
  return byte == 32 || byte == 9
}

// @ts-ignore: decorator
@inline function isDigit(byte: u8): bool {
  return <u32>byte - 48 < 10
}

/** The bytes from `first` on, `count` of them: an unsigned comparison by way of a signed one, which is one step. */
// @ts-ignore: decorator
@inline function among(v: v128, first: i32, count: i32): v128 {
  return i8x16.lt_s(i8x16.sub(v, i8x16.splat(<i8>(first + 128))), i8x16.splat(<i8>(count - 128)))
}

/** `collect` for up to 16 bytes: finds the digits at once and moves them together by two shuffles from the table. */
// @ts-ignore: decorator
@inline function collectShort(p: usize, end: usize, to: usize, table: usize): usize {
  const v = v128.load(p)
  const valid: u32 = (1 << <u32>(end - p)) - 1
  const digits = among(v, 48, 10)
  const brackets = v128.or(i8x16.eq(v, i8x16.splat(91)), i8x16.eq(v, i8x16.splat(93)))
  const rounds = v128.or(among(v, 40, 2), i8x16.eq(v, i8x16.splat(32)))
  const allowed = v128.or(v128.or(digits, among(v, 45, 3)), v128.or(brackets, rounds))
  if ((~i8x16.bitmask(allowed) & valid) != 0) return 0
  const found = <u32>i8x16.bitmask(digits) & valid
  const low = found & 255
  const upper = i64x2.shuffle(v, v, 1, 0)
  const behindLow = to + <usize>popcnt(low)
  v128.store(to, i8x16.swizzle(v, v128.load64_zero(table + (<usize>low << 3), COMPACTIONS)))
  v128.store(behindLow, i8x16.swizzle(upper, v128.load64_zero(table + (<usize>(found >> 8) << 3), COMPACTIONS)))
  return <usize>popcnt(found)
}

/** Collects the digits of [p, end) at `to`; returns how many, or 0 if anything but separators stands between. */
// @ts-ignore: decorator
@inline function collect(p: usize, end: usize, to: usize): usize {
  const first = to
  let wrong: u64 = 0
  for (; p < end; p++) {
    const byte = load<u8>(p)
    const digit = isDigit(byte)
    store<u8>(to, byte)
    to += <usize>digit
    const place = <u64>byte - 32
    wrong |= <u64>!digit & (~(MARKS >> (place & 63)) | <u64>(place > 63))
  }
  return (wrong & 1) != 0 ? 0 : to - first
}

/** Whether `length` digits at `digits` are plain by the rule at `rule`. */
// @ts-ignore: decorator
@inline function isPlain(rule: usize, digits: usize, length: usize): bool {
  return length < 16 && ((<u32>load<u16>(rule + ((<usize>load<u8>(digits) - 48) << 1)) >> <u32>length) & 1) != 0
}

// @ts-ignore: decorator
@inline function isInternational(table: usize, digits: usize, length: usize): bool {
  if (length < 5) return false
  const three = <usize>load<u8>(digits) * 100 + <usize>load<u8>(digits, 1) * 10 + <usize>load<u8>(digits, 2) - 5328
  const plan = table + PLANS + PLAN * <usize>load<u8>(table + three, INDEX)
  const codeLength = <usize>load<u8>(plan)
  return codeLength != 0 && isPlain(plan + 2, digits + codeLength, length - codeLength)
}

/** The length of the prefix of international calls that the digits start with, or 0. */
// @ts-ignore: decorator
@inline function exitCode(table: usize, digits: usize): usize {
  const length = <usize>load<u8>(table)
  const mask: u32 = (1 << (<u32>length << 3)) - 1
  return ((load<u32>(digits) ^ load<u32>(table, 1)) & mask) == 0 ? length : 0
}

/** Writes the standard form of the number in [from, end) to `arena`; returns its length, or 0 if it is not plain. */
// @ts-ignore: decorator
@inline function standardize(from: usize, end: usize, table: usize, arena: usize): usize {
  const first = load<u8>(from)
  const plus = first == 43
  if (!plus && first != 40 && !isDigit(first)) return 0
  // A number with one or two decimals is no phone number; the function says so.
  if (load<u8>(end - 2) == 46 || load<u8>(end - 3) == 46) return 0
  let digits = arena + SCRATCH
  const start = from + <usize>plus
  let length = end - start <= 16 ? collectShort(start, end, digits, table) : collect(start, end, digits)
  if (length < 4) return 0
  const codeLength = <usize>load<u8>(table, COUNTRY_CODE)
  const skip: usize = plus ? 0 : exitCode(table, digits)
  let prefix: usize = 1
  store<u8>(arena, 43)
  if (plus || skip != 0) {
    digits += skip
    length -= skip
    if (!isInternational(table, digits, length)) return 0
  } else {
    if (codeLength == 0) return 0
    const behind = load<u8>(digits) == load<u8>(table, NATIONAL_PREFIX)
    digits += <usize>behind
    length -= <usize>behind
    if (!isPlain(table + (behind ? BEHIND_PREFIX : BARE), digits, length)) return 0
    store<u32>(arena, load<u32>(table, COUNTRY_CODE + 1), 1)
    prefix += codeLength
  }
  v128.store(arena + prefix, v128.load(digits))
  return prefix + length
}

export function standardizePhone(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  arena: usize,
  slow: usize,
  table: usize,
): usize {
  let at = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += 8) {
    if (load<u8>(live + row) == 0) continue
    let start = startOf(spans)
    let end = endOf(spans)
    while (start < end && isBlank(load<u8>(start))) start++
    while (start < end && isBlank(load<u8>(end - 1))) end--
    let length = end - start
    if (length != 0) {
      const plain = length >= 4 && length <= LONGEST && !isEscaped(spans)
      length = plain ? standardize(start, end, table, arena) : 0
      if (length == 0) {
        store<i32>(at, row)
        at += 4
      }
    }
    setSpan(out, arena, arena + length)
    arena += length
  }
  store<u32>(slow, <u32>((at - slow - 4) >> 2))
  return arena
}
