import { clockIn } from './calendar'
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, hasText, setValid } from './validity'

// @ts-ignore: decorator
@inline function parse(from: usize, end: usize, out: usize): bool {
  const micros = clockIn(from, end)
  store<i64>(out, micros)
  return micros >= 0
}

export function parseTimes(
  spans: usize,
  stride: usize,
  rows: i32,
  live: usize,
  out: usize,
  validity: usize,
  slow: usize,
): void {
  clearValidity(validity, rows)
  let listed = slow + 4
  for (let row = 0; row < rows; row++, spans += stride, out += 8) {
    if (!hasText(spans, live, row)) continue
    if (!isEscaped(spans) && parse(startOf(spans), endOf(spans), out)) {
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
