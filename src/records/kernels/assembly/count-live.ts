export function countLive(live: usize, rows: i32): i32 {
  let count = 0
  for (let row = 0; row < rows; row++) count += <i32>(load<u8>(live + row) == 1)
  return count
}
