// One bit a byte for each kind of byte that matters, as in `scan`; then the grammar is arithmetic on the bits.
// Only what is plainly an address passes: [A-Za-z0-9._%+-] before the one @, labels of letters, digits and inner
// hyphens behind it, the last one of two or more letters, 64 bytes at most (so no single length limit can be broken).
import { endOf, isEscaped, setSpan, startOf } from './span'

const LONGEST: usize = 64

// @ts-ignore: decorator
@inline function isBlank(byte: u8): bool {
  return byte == 32 || byte == 9
}

// @ts-ignore: decorator
@inline function bits(hits: v128, shift: u64): u64 {
  return <u64>(<u32>i8x16.bitmask(hits)) << shift
}

/** Writes the address in [from, from + length) lower-cased to `arena`; false unless it is plainly valid. */
// @ts-ignore: decorator
@inline function clean(from: usize, length: usize, arena: usize): bool {
  let at: u64 = 0
  let dot: u64 = 0
  let hyphen: u64 = 0
  let letter: u64 = 0
  let digit: u64 = 0
  let mark: u64 = 0 // _ % +
  for (let i: usize = 0; i < length; i += 16) {
    const v = v128.load(from + i)
    const lower = v128.or(v, i8x16.splat(0x20))
    const letters = i8x16.lt_u(i8x16.sub(lower, i8x16.splat(97)), i8x16.splat(26))
    v128.store(arena + i, v128.or(v, v128.and(letters, i8x16.splat(0x20))))
    const shift = <u64>i
    letter |= bits(letters, shift)
    digit |= bits(i8x16.lt_u(i8x16.sub(v, i8x16.splat(48)), i8x16.splat(10)), shift)
    at |= bits(i8x16.eq(v, i8x16.splat(64)), shift)
    dot |= bits(i8x16.eq(v, i8x16.splat(46)), shift)
    hyphen |= bits(i8x16.eq(v, i8x16.splat(45)), shift)
    mark |= bits(
      v128.or(
        v128.or(i8x16.eq(v, i8x16.splat(95)), i8x16.eq(v, i8x16.splat(37))),
        i8x16.eq(v, i8x16.splat(43)),
      ),
      shift,
    )
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
  let at = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += 8) {
    if (load<u8>(live + row) == 0) continue
    let start = startOf(spans)
    let end = endOf(spans)
    while (start < end && isBlank(load<u8>(start))) start++
    while (start < end && isBlank(load<u8>(end - 1))) end--
    let length = end - start
    if (length != 0 && (length > LONGEST || isEscaped(spans) || !clean(start, length, arena))) {
      store<i32>(at, row)
      at += 4
      length = 0
    }
    setSpan(out, arena, arena + length)
    arena += length
  }
  store<u32>(slow, <u32>((at - slow - 4) >> 2))
  return arena
}
