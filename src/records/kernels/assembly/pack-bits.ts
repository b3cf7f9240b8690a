/** A bit for each byte that is 0 or 1, the lowest first. */
export function packBits(from: usize, count: i32, out: usize): usize {
  const end = from + count
  while (from + 16 <= end) {
    store<u16>(out, <u16>i8x16.bitmask(i8x16.ne(v128.load(from), i8x16.splat(0))))
    from += 16
    out += 2
  }
  let bits: u32 = 0
  let width: u32 = 0
  while (from < end) {
    bits |= <u32>(load<u8>(from++) != 0) << width
    if (++width == 8) {
      store<u8>(out++, bits)
      bits = 0
      width = 0
    }
  }
  if (width > 0) store<u8>(out++, bits)
  return out
}

/** Turns each value around, in its place: to the byte order of the network and back. */
export function reverseBytes(values: usize, count: i32, width: usize): void {
  for (let value = values; count > 0; count--, value += width) {
    for (let a = value, b = value + width - 1; a < b; a++, b--) {
      const byte = load<u8>(a)
      store<u8>(a, load<u8>(b))
      store<u8>(b, byte)
    }
  }
}
