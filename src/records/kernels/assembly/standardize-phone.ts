export function standardizePhone(spans: usize, stride: usize, rows: i32, live: usize, out: usize, arena: usize, slow: usize, table: usize): usize {
  return arena
}
