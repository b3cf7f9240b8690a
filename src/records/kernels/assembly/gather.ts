import { ADDRESS } from './span'

export function gather(segments: usize, count: i32, rows: i32, live: usize, out: usize, rowEnds: usize): usize {
  const base = out
  const stop = segments + (<usize>count << 4)
  for (let row = 0; row < rows; row++) {
    if (load<u8>(live + row) != 1) continue
    for (let segment = segments; segment < stop; segment += 16) {
      const offset = <usize>row * <usize>load<u32>(segment, 8)
      const first = <usize>load<u32>(segment) + offset
      const last = <usize>load<u32>(segment, 4) + offset
      const lastEnd = load<u32>(last, 4)
      // The quotes of a quoted cell stand around its span.
      let from = <usize>(load<u32>(first) - (load<u32>(first, 4) >> 31))
      const end = out + <usize>((lastEnd & ADDRESS) + (lastEnd >> 31)) - from
      do {
        v128.store(out, v128.load(from))
        out += 16
        from += 16
      } while (out < end)
      out = end
      store<u8>(out++, load<u8>(segment, 12))
    }
    if (rowEnds != 0) {
      store<u32>(rowEnds, <u32>(out - base))
      rowEnds += 4
    }
  }
  return out
}
