// One byte a row, counted by 16.

/** The number of rows whose byte is 1. */
export function countLive(live: usize, rows: i32): i32 {
  const ONE = i8x16.splat(1)
  let count = 0
  let row: i32 = 0
  for (; row + 16 <= rows; row += 16) count += popcnt(i8x16.bitmask(i8x16.eq(v128.load(live + row), ONE)))
  for (; row < rows; row++) count += <i32>(load<u8>(live + row) == 1)
  return count
}

/** The number of rows whose byte is not 0. */
export function countFlowing(live: usize, rows: i32): i32 {
  const ZERO = i8x16.splat(0)
  let count = 0
  let row: i32 = 0
  for (; row + 16 <= rows; row += 16) count += popcnt(i8x16.bitmask(i8x16.ne(v128.load(live + row), ZERO)))
  for (; row < rows; row++) count += <i32>(load<u8>(live + row) != 0)
  return count
}
