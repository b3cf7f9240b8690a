import { endOf, startOf } from './span'

export function findCell(spans: usize, stride: usize, rows: i32, text: usize, length: usize, out: usize): void {
  let at = out + 4
  for (let row = 0; row < rows; row++, spans += stride) {
    const start = startOf(spans)
    if (endOf(spans) - start == length && memory.compare(start, text, length) == 0) {
      store<i32>(at, row)
      at += 4
    }
  }
  store<u32>(out, <u32>((at - out - 4) >> 2))
}
