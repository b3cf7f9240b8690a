import { ADDRESS, ESCAPED, QUOTED } from './span'

export function markEscaped(fields: usize, count: i32, quote: i32): void {
  const Q = i8x16.splat(<i8>quote)
  for (let i = 0; i < count; i++, fields += 8) {
    const end = load<u32>(fields, 4)
    if ((end & QUOTED) == 0) continue
    const stop = <usize>(end & ADDRESS)
    for (let p = <usize>load<u32>(fields); p < stop; p += 16) {
      let quotes = i8x16.bitmask(i8x16.eq(v128.load(p), Q))
      if (stop - p < 16) quotes &= (1 << <i32>(stop - p)) - 1
      if (quotes != 0) {
        store<u32>(fields, end | ESCAPED, 4)
        break
      }
    }
  }
}
