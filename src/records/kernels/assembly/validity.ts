// What all kernels that read values share: one bit a row (see ../../validity.ts), and which cells hold text to read.
import { endOf, startOf } from './span'

// @ts-ignore: decorator
@inline export function clearValidity(validity: usize, rows: i32): void {
  memory.fill(validity, 0, <usize>((rows + 63) >> 6) << 3)
}

// @ts-ignore: decorator
@inline export function setValid(validity: usize, row: i32): void {
  const at = validity + (<usize>row >> 3)
  store<u8>(at, load<u8>(at) | (<u8>1 << <u8>(row & 7)))
}

/** False for a row that is gone and for a null. */
// @ts-ignore: decorator
@inline export function hasText(span: usize, live: usize, row: i32): bool {
  return startOf(span) != endOf(span) && load<u8>(live + row) != 0
}

/** The digit that a byte stands for; what is above 9 is none. */
// @ts-ignore: decorator
@inline export function digitOf(at: usize): u32 {
  return <u32>load<u8>(at) - 48
}
