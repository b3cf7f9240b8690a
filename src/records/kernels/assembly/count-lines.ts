// 16 bytes a step: an LF ends a line unless the byte before it is a CR, which did.
export function countLines(from: usize, end: usize): i32 {
  const LF = i8x16.splat(10)
  const CR = i8x16.splat(13)
  let lines = 0
  let afterCr: i32 = 0
  let p = from
  for (; p + 16 <= end; p += 16) {
    const text = v128.load(p)
    const lf = i8x16.bitmask(i8x16.eq(text, LF))
    const cr = i8x16.bitmask(i8x16.eq(text, CR))
    lines += popcnt(cr) + popcnt(lf & ~((cr << 1) | afterCr))
    afterCr = cr >> 15
  }
  for (; p < end; p++) {
    const byte = load<u8>(p)
    if (byte == 13 || (byte == 10 && afterCr == 0)) lines++
    afterCr = <i32>(byte == 13)
  }
  return lines
}
