import { ADDRESS, ESCAPED, QUOTED } from './span'

export function markEscaped(fields: usize, count: i32, quote: i32): void {
  for (let i = 0; i < count; i++, fields += 8) {
    const end = load<u32>(fields, 4)
    if ((end & QUOTED) == 0) continue
    const stop = <usize>(end & ADDRESS)
    for (let p = <usize>load<u32>(fields); p < stop; p++) {
      if (<i32>load<u8>(p) == quote) {
        store<u32>(fields, end | ESCAPED, 4)
        break
      }
    }
  }
}
