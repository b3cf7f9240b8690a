import { dayAt, NONE } from './calendar'
import { endOf, isEscaped, startOf } from './span'
import { clearValidity, hasText, setValid } from './validity'

export function parseDates(
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
  for (let row = 0; row < rows; row++, spans += stride, out += 4) {
    if (!hasText(spans, live, row)) continue
    const plain = !isEscaped(spans) && endOf(spans) - startOf(spans) == 10
    const day = plain ? dayAt(startOf(spans)) : NONE
    if (day != NONE) {
      store<i32>(out, day)
      setValid(validity, row)
    } else {
      store<i32>(listed, row)
      listed += 4
    }
  }
  store<u32>(slow, <u32>((listed - slow - 4) >> 2))
}
