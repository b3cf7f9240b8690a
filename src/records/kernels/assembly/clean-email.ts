// One bit a byte for each kind of byte that matters, as in `scan`; then the grammar is arithmetic on the bits.
// Only what is plainly an address passes: [A-Za-z0-9._%+-] before the one @, labels of letters, digits and inner
// hyphens behind it, the last one of two or more letters, 64 bytes at most (so no single length limit can be broken).
import { dropBlanks, skipBlanks } from './blanks'
import { endOf, isEscaped, setSpan, startOf } from './span'

const LONGEST: usize = 64

// @ts-ignore: decorator
@inline function bits(low: v128, high: v128): u64 {
  return <u64>(<u32>(i8x16.bitmask(low) | (i8x16.bitmask(high) << 16)))
}

/** The bytes from `first` on, `count` of them: an unsigned comparison by way of a signed one, which is one step. */
// @ts-ignore: decorator
@inline function among(v: v128, first: i32, count: i32): v128 {
  return i8x16.lt_s(i8x16.sub(v, i8x16.splat(<i8>(first + 128))), i8x16.splat(<i8>(count - 128)))
}

// @ts-ignore: decorator
@inline function letters(v: v128): v128 {
  return among(v128.or(v, i8x16.splat(0x20)), 97, 26)
}

// @ts-ignore: decorator
@inline function marks(v: v128): v128 {
  return v128.or(
    v128.or(i8x16.eq(v, i8x16.splat(95)), i8x16.eq(v, i8x16.splat(37))),
    i8x16.eq(v, i8x16.splat(43)),
  )
}

// @ts-ignore: decorator
@inline function equal(a: v128, b: v128, byte: i8): u64 {
  return bits(i8x16.eq(a, i8x16.splat(byte)), i8x16.eq(b, i8x16.splat(byte)))
}

// @ts-ignore: decorator
@inline function storeLower(arena: usize, v: v128, letters: v128): void {
  v128.store(arena, v128.or(v, v128.and(letters, i8x16.splat(0x20))))
}

/** Writes the address in [from, from + length) lower-cased to `arena`; false unless it is plainly valid. */
// @ts-ignore: decorator
@inline function clean(from: usize, length: usize, arena: usize): bool {
  let a = v128.load(from)
  let b = v128.load(from, 16)
  let la = letters(a)
  let lb = letters(b)
  storeLower(arena, a, la)
  storeLower(arena + 16, b, lb)
  let letter = bits(la, lb)
  let digit = bits(among(a, 48, 10), among(b, 48, 10))
  let at = equal(a, b, 64)
  let dot = equal(a, b, 46)
  let hyphen = equal(a, b, 45)
  let mark = bits(marks(a), marks(b))
  if (length > 32) {
    a = v128.load(from, 32)
    b = v128.load(from, 48)
    la = letters(a)
    lb = letters(b)
    storeLower(arena + 32, a, la)
    storeLower(arena + 48, b, lb)
    letter |= bits(la, lb) << 32
    digit |= bits(among(a, 48, 10), among(b, 48, 10)) << 32
    at |= equal(a, b, 64) << 32
    dot |= equal(a, b, 46) << 32
    hyphen |= equal(a, b, 45) << 32
    mark |= bits(marks(a), marks(b)) << 32
  }
  const all: u64 = ~(<u64>0) >> (64 - <u64>length)
  at &= all
  dot &= all
  if (((at | dot | hyphen | letter | digit | mark) & all) != all) return false
  if (at == 0 || (at & (at - 1)) != 0) return false
  const domain = all & ~((at << 1) - 1)
  const lastDot: u64 = 63 - clz(dot | 1)
  const top = all & ~(((<u64>2) << lastDot) - 1)
  const edges = at | dot
  // An edge byte begins and ends the text, next to which neither a dot nor (in the domain) a hyphen may stand.
  const besideEdge = (edges << 1) | (edges >> 1) | 1 | (all ^ (all >> 1))
  return (
    ((edges | (hyphen & domain)) & besideEdge) == 0 &&
    (mark & domain) == 0 &&
    (dot & domain) != 0 &&
    (top & ~letter) == 0 &&
    (top & (top - 1)) != 0
  )
}

export function cleanEmail(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  arena: usize,
  slow: usize,
): usize {
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += 8) {
    if (load<u8>(live + row) == 0) continue
    const start = skipBlanks(startOf(spans), endOf(spans))
    const end = dropBlanks(start, endOf(spans))
    let length = end - start
    if (length != 0 && (length > LONGEST || isEscaped(spans) || !clean(start, length, arena))) {
      store<i32>(listed, row)
      listed += 4
      length = 0
    }
    setSpan(out, arena, arena + length)
    arena += length
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
  return arena
}
