import { endOf, startOf } from './span'

export function findNulls(spans: usize, stride: usize, rows: i32, live: usize, out: usize): void {
  let at = out + 4
  for (let row = 0; row < rows; row++, spans += stride) {
    if (startOf(spans) == endOf(spans) && load<u8>(live + row) != 0) {
      store<i32>(at, row)
      at += 4
    }
  }
  store<u32>(out, <u32>((at - out - 4) >> 2))
}
